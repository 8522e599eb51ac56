"""Reads a company's file, whichever program wrote it, as a table of text."""
