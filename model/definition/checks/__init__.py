"""Checks of the rules: contradictions, criteria that change nothing, values that no lead has."""
