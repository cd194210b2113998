"""What commands, nights and notebooks ask for: a scan, a check, a run's map, a run's null."""
