"""The face for Python."""
