"""The audit of events: moved when a lead is won, kinds that tell the outcome, made by machines."""
