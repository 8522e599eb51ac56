"""leadready train and backtest."""
