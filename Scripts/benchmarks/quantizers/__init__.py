"""Quantizers beside each other: networks, their data, what is measured, and the report."""
