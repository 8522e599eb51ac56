"""leadready explain: the brief of one lead, for the sales rep who calls it."""
