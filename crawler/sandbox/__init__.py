"""A small, invented Casper network that answers JSON-RPC: for first runs, tests and benchmarks.

It shares no code with the crawler's parsing or derivation, so that its `truth` is its own.
"""
