"""Data of nodes that is fetched after the blocks, newest first, in the background."""
