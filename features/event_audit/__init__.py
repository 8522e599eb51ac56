"""The audit of events: moved when a lead is won, or kinds that tell the outcome."""
