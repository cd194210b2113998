"""A night: the scan of one date's window, published whole or not at all, and told.

    nights/
      nights.json                 the catalog: which generation of each date holds, and the hash of its night.json
      current                     leads to the generation of the newest date
      nights/<date>/<generation>/ a run folder, with night.json (the hash of every file), lineage and changes
      log.jsonl, graphscan.prom, openlineage.jsonl, index.html

A generation is named by its inputs, settings and version, and never edited. Readers trust the catalog and the
hashes, never a listing of folders.
"""
