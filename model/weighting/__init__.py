"""Leads without an outcome, and how the model corrects for them."""
