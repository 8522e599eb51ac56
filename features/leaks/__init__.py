"""Columns that could not have been known at the moment."""
