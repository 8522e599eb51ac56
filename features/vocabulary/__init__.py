"""The words that companies use, in twelve languages."""
