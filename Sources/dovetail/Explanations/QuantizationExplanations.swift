import Support

extension Explanation {
  /// Quantization: schemes, plans, and what stands in their way.
  static let quantization: [Explanation] = [
    Explanation(
      "bad-plan",
      """
      A quantization plan is a YAML file that says which scheme each layer is quantized by:

        scheme: int8
        layers:
          - "conv_1": int16x8
          - "*/dense*": float

      `scheme` is for layers of which nothing else is said. Each entry of `layers` is a pattern with
      a scheme; `*` stands for anything, `?` for one character, and the last entry that matches a
      layer counts. Of names that TFLite joined by `;`, each stands for the layer. The message says
      what of this the file breaks.

      `dovetail quantize MODEL --calibration DATA -o plan.yaml` writes a plan to begin with.
      """),
    Explanation(
      "computed-bias",
      """
      A layer that is computed on integers adds its bias in steps of `input scale · weight scale`,
      for which the bias must be constant. Here another node computes it, so the layer stays in real
      numbers between a dequantize and a quantize.
      """),
    Explanation(
      "no-plan",
      """
      With `--mixed`, `quantize` looks for a scheme for each layer so that the whole costs least
      within a limit on what accuracy drops, or drops least within a budget. None of the choices
      that it tried is within the limit; the message says what the best of them reached. Or there is
      nothing to choose, where `--plan`, `--keep-float` and `--scheme-for` name all layers.

      Allow more with `--max-drop` or `--budget`, offer other schemes with `--candidates`, such as
      `int16x8` or `float`, let other methods recover accuracy with `--method`, or calibrate with more
      samples.
      """),
    Explanation(
      "no-such-layer",
      """
      A rule of a plan, `--keep-float` or `--scheme-for` names layers by the name of their result or
      of their operator. This one matches none that can be quantized; a misspelt name would
      otherwise pass unnoticed.

      `dovetail quantize MODEL --calibration DATA -o FILE` lists layers with their errors, and
      `dovetail inspect MODEL --graph` all values with their names.
      """),
    Explanation(
      "no-such-method",
      """
      Methods that recover accuracy are asked for by name: `--method gptq --method correct-bias`, and
      `--method none` alone asks for none.
      What one of them can be told stands behind a colon: `smooth:0.5`, `smooth:insert`.
      `dovetail quantize --help` lists them with what they do.
      """),
    Explanation(
      "no-such-scheme",
      """
      A scheme says what weights and activations are stored as. It has a name, such as `int8` or
      `int16x8`, or is written `wNaM` for weights of N bits and activations of M. Changes follow
      after commas: `int8,weights=tensor`, `w4a8,weights=group:32`, `int8,activations=symmetric`,
      `int8,scales=power-of-two`.

      `dovetail quantize --help` lists the names.
      """),
    Explanation(
      "not-on-integers",
      """
      TFLite computes on integers, or in single precision with weights of half precision. What this
      scheme stores between layers, such as floats of 8 bits or blocks, it has no operators for, and
      a file without that rounding would not be the network that was measured.

      Write `.onnx`, which can convert to such floats and back, or `.graph`; or choose `int8` or
      `int16x8`.
      """),
    Explanation(
      "nothing-to-quantize",
      """
      All that the model computes is integers already: it was quantized before, and what its numbers
      were is lost. Quantize the network of real numbers that it was made from.
      """),
    Explanation(
      "scheme-not-in-format",
      """
      Not every format of files has every format of numbers. `.graph` files hold everything.
      `.onnx` files hold integers and floats (`f16`, `bf16`, `fp8`), but no blocks with a shared
      power of two (`mxfp8` and its like), which the standard has since version 24, but no
      runtime computes yet. `.tflite` files hold integers, and weights of half
      precision.

      Write a `.graph` file to evaluate such a scheme with `dovetail evaluate`, or choose another
      scheme, for all layers with `--scheme` or for some with `--scheme-for`.
      """),
    Explanation(
      "weight-too-large",
      """
      Half precision ends at 65504, and a weight of this layer is beyond: infinity would be stored
      for it. `bf16` reaches as far as single precision, and integers and `fp8` have scales.

      Leave the layer as it is with `--keep-float LAYER`, or give it another scheme with
      `--scheme-for LAYER=bf16`.
      """),
  ]
}
