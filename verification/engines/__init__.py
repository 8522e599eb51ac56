"""The features of raw tables on DuckDB, PostgreSQL and Spark."""
