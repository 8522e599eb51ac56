"""What leadready.yaml says: where the data is and what its columns mean."""
