"""What the agreed rules would have meant for past leads."""
