"""Guesses that `leadready init` and `leadready check` make about a file they have never seen."""
