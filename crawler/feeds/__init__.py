"""Data that is not on the chain, from outside sources: prices, nodes and their places."""
