"""What the files beside the leads hold, and how they belong to the leads: guesses for ``init``."""
