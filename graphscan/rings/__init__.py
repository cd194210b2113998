"""What is found, in the order in which a proposal becomes a ring.

`describe` tells a set in one view, `certificate` adds the families up, `growth` and `find` look for the sets, `settle`
says which of those that overlap are rings, `hidden_by_language` and `one_hand` find what hides from it. A ring is told
by `evidence`, `tables` and `portrait`, judged by `triage`, and summed up in `summary`. `lineage` knows it again the
next night, and `null` asks what all this finds where there is nothing.
"""
