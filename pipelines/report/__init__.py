"""leadready report: one offline page."""
