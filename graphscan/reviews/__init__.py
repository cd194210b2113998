"""What people made of rings: their decisions, what these allow in later scans, and the journal that both of these and
the exports are written to.

Takes in a run and what a reviewer says of it; gives out a chained file that stands outside every run. The line reads
it before a scan, the report shows it beside its rings.
"""
