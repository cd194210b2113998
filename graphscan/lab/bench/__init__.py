"""Measurements of graphscan itself, on logs whose truth is known; each module is one command of `graphscan bench`."""
