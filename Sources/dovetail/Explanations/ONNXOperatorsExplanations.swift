import Support

extension Explanation {
  /// Operators of ONNX files that are not what the standard describes.
  static let onnxOperators: [Explanation] = [
    Explanation(
      "mel-bands",
      """
      A matrix of mel weights sums the frequencies of a Fourier transform up to bands. There is at least
      one band, they lie between two edges from 0 Hz up, and the last peak is not above half of the
      sampling rate, where the transform ends.

      Correct the edges, the sampling rate or the transform's length.
      """),
    Explanation(
      "onnx-choice",
      """
      Some attributes of ONNX operators are one of a few words, which the standard lists with the
      operator. This one is none of them, nor another way to write it.

      The help lists the words. A newer version of the standard may know more than Dovetail does.
      """),
    Explanation(
      "onnx-scalar",
      """
      An axis, a length or a count is a single number. ONNX hands it over as a tensor, which must then
      have one element.

      Export the model again; if it was edited, give the constant one element.
      """),
    Explanation(
      "onnx-size",
      """
      Identity matrices and windows are constants that the model's few bytes describe, and are computed
      when it is read. An identity matrix has two axes, and such a constant at most 2²⁶ elements.

      Check where the operand comes from that gives the length or shape.
      """),
    Explanation(
      "random-dropout",
      """
      In training, `Dropout` sets random elements to 0, so a model that does it gives other results each
      time. Dovetail runs models for inference, in which nothing is dropped.

      Export the model for inference: without the operand `training_mode`, or with one that is false.
      """),
  ]
}
