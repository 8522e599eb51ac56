"""Text files: their encoding, how a CSV file is written, and its rows."""
