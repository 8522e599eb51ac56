"""The agreed rules held against past leads."""
