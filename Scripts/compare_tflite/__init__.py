"""The comparison of Dovetail with LiteRT; started by `Scripts/compare-tflite`."""
