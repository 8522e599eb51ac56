"""Estimators: each learns a table of log-odds for every feature, or is a black box."""
