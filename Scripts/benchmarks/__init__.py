"""Measurements of Dovetail beside its peers."""
