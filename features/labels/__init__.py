"""When each lead is judged, and how it turned out."""
