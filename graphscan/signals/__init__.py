"""Requests in, incidences out: the queries of `queries/signals` run over the staged log, and the prompt kernel."""
