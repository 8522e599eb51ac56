"""The tables that everything is computed from: leads, events, stages and field history."""
