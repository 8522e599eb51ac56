"""leadready history, changes and forget: every score that was given, and why it changed."""
