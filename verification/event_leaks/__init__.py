"""How many planted leaks of events the audit finds, and how many honest kinds it suspects."""
