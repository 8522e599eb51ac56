"""A company's file, whatever program wrote it, becomes a table of text."""
