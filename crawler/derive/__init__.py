"""Figures worked out from the rows that are held, written back into derived tables."""
