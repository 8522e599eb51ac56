"""Dates of leads at scoring: those that cannot be true, and those that are odd."""
