"""Versions of the model, registered in MLflow."""
