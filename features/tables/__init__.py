"""The canonical tables: leads, events, stages and the history of fields."""
