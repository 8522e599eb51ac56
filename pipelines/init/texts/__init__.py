"""What ``leadready init`` writes and prints."""
