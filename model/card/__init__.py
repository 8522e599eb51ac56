"""What a scorecard is made of: its lines, their rows and what these are called."""
