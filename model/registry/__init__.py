"""Versions of the model in MLflow."""
