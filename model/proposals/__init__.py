"""Changes to the definition that the outcomes support."""
