"""Reads leadready.yaml, which says where a company's data is and what its columns mean."""
