"""When a lead is judged, and what became of it."""
