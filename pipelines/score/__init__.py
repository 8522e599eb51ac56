"""leadready score and explain."""
