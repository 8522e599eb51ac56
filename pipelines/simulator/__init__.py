"""A simulated company with planted truth, and the demo."""
