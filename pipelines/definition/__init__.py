"""leadready definition and agreement."""
