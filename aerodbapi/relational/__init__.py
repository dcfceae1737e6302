"""What the server cannot do alone: joins, grouping and windows, on DuckDB over Arrow streams."""
