"""Follows a Casper network through its nodes and keeps it in a database."""

__version__ = "0.1.0"
