"""Incidences under caps: views, own clusters, pairs, communities; maps and exports. Each library has one door."""
