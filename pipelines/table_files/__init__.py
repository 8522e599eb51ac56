"""Tables that commands write: CSV, Excel, Parquet and JSON, whole or not at all."""
