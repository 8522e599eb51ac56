"""The history of the leads' columns: who changed what and when, and each value at a moment."""
