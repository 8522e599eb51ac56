"""The features: what was known about a lead at its moment."""
