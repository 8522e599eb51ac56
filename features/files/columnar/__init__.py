"""Columns of files that are read when they are asked for."""
