"""Models that `dovetail quantize` writes under each scheme, to be run by those that read such files."""
