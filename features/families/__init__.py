"""The features, by family: what was known of a lead at its moment."""
