"""The card of one page: which features become lines, how their points are learned and written."""
