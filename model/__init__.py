"""What was learned, and how it is held against what was agreed."""
