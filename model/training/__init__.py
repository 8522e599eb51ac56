"""How a scorecard is learned and measured."""
