"""What comes in: the contract and its checks, column maps and presets; `sql` is the one door to DuckDB."""
