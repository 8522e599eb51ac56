"""What was known about a lead at a moment, and what became of it."""
