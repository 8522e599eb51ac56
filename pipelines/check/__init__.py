"""leadready check and outcomes: what the data says before anything is learned."""
