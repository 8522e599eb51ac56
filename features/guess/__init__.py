"""What init makes of a file it has never seen."""
