import Support

extension Explanation {
  /// Writing TFLite files.
  static let tfliteWriting: [Explanation] = [
    Explanation(
      "tflite-no-counterpart",
      """
      The graph computes something that no operator of TFLite computes, or an operator with an
      attribute, an element type or an operand that TFLite's does not have. What can be expressed by
      several of its operators is written as those: pads that have no word stand before the
      operator as `PAD`, ranges without an activation become `MAXIMUM` and `MINIMUM`, and
      functions such as softplus are spelled out. Integers are never written where LiteRT would
      round them in another way, as it does where ONNX's operators rescale with factors in
      single precision or round halves to even numbers.

      For the latter, quantize the float model anew for a TFLite file. For all others, write the
      model as ONNX (`.onnx`), or in the text form (`.graph`), which has every operator.
      """),
    Explanation(
      "tflite-too-large",
      """
      A TFLite file is a FlatBuffer, in which positions are signed numbers of 32 bits, so that it
      ends at 2 GiB. The constants of this model take more.

      Quantize the weights to 8 or 4 bits, or write the text form (`.graph`), which has no such
      limit.
      """),
  ]
}
