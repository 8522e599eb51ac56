"""Dates as people and systems write them: recognised, read as naive UTC, or asked about."""
