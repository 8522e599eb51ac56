"""leadready check and outcomes: what the data shows before anything is learned."""
