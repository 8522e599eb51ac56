"""The agreed definition: read, checked, compared, changed, signed."""
