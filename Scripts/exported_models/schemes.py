"""The schemes that models are written under, and which of them a format cannot hold."""

import re
import subprocess

# The list of schemes in what `quantize --help` says.
LISTED = re.compile(r"Schemes:(.*?)Methods:", re.DOTALL)
NAME = re.compile(r"`([^`]+)`,")
# Others that come of these, by what users write behind a name.
VARIANTS = [
    "int8,weights=tensor", "int8,activations=symmetric", "int8,scales=power-of-two",
    "w4a8,weights=group:16", "w4,weights=group:16", "w4,weights=asymmetric", "w3a8", "w8a6",
]
BLOCKS = {"mxfp8", "mxfp6", "mxfp4", "mxint8"}
# What a format has no numbers for, and `quantize` therefore refuses; others must be written.
LACKING = {
    "graph": set(),
    "onnx": BLOCKS,
    "tflite": BLOCKS | {"bf16", "fp8", "fp8-e5m2"},
}


def all_schemes(dovetail: str) -> list[str]:
    """The schemes that `dovetail` has a name for, in its order, and variants of them."""
    help_text = subprocess.run([dovetail, "quantize", "--help"], capture_output=True, text=True,
                               check=True).stdout
    found = LISTED.search(help_text)
    names = NAME.findall(found[1]) if found else []
    if "int8" not in names:
        raise RuntimeError("`dovetail quantize --help` lists no schemes")
    return names + VARIANTS
