"""What other programs use of a model: features, SQL, a sheet, a dbt project, a server."""
