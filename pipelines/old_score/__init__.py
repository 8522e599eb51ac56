"""The scores that a company already has, on trial beside the model."""
