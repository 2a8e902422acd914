"""Models that `dovetail quantize` writes under each scheme, for those that read such files."""
