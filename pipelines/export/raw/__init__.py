"""A statement from raw tables to the features that a model reads."""
