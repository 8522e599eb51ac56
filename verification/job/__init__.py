"""Checks of the scoring job that take longer than tests."""
