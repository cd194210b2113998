"""graphscan finds rings of accounts run by one operator in request logs, and shows why."""

__version__ = "0.1.0"
