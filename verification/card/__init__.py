"""The card of one page, held against planted truth and against models without limits."""
