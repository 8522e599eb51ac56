"""How many planted column leaks the audit finds, and how many honest columns it suspects."""
