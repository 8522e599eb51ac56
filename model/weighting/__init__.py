"""Weights: how leads with a known outcome stand for those without one."""
