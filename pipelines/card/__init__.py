"""leadready card: the points of a version on one page."""
