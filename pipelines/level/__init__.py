"""leadready level."""
