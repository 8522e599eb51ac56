"""leadready definition propose."""
