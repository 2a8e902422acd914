"""Small TFLite models, one operator each, to compare Dovetail with LiteRT; one file per family."""
