import Support

extension Explanation {
  /// Element types, scales and zero points.
  static let arithmetic: [Explanation] = [
    Explanation(
      "bad-quantization",
      """
      The quantization of an operand or result does not fit its type: each scale must be
      positive and finite, each zero point an integer that the element type can hold, and
      there must be one pair for the whole tensor, or one for each index of an axis that
      exists. Floats and Booleans have none. The message says which of these does not hold.

      Correct the type in the text, or quantize the model again. A scale of 0 or infinity
      usually comes from calibration data in which the tensor was always zero, or was not
      finite.
      """),
    Explanation(
      "factor-out-of-range",
      """
      Accumulators become elements of the result by multiplication with a real factor, in a
      convolution `inputScale · weightScale / resultScale`. Integer kernels have it as a
      31-bit multiplier and a shift, which can hold what is above 0 and below 2³¹; this
      factor is 0, negative, not finite, or larger.

      The scales do not belong together. Look for one that is extremely small or large with
      `dovetail inspect MODEL --graph`: a channel whose weights are all zero, or a tensor
      that never changed during calibration, often gets such a scale. Give it an ordinary
      one, and quantize again. For `softmax`, the factor contains beta, which must then be
      positive.
      """),
    Explanation(
      "hybrid-weights",
      """
      Real activations can meet weights of 8 bits: they are quantized on the way, and products become
      real again by the scales of both. The weights need a scale for that, or one per output channel.

      Quantize the weights so, or store them as real numbers.
      """),
    Explanation(
      "needs-quantization",
      """
      Integer arithmetic needs to know what the integers stand for:
      `real = (integer − zeroPoint) · scale`. Operands and results that are activations have
      one scale and zero point for the whole tensor, because an accumulator adds up many of
      their elements, and only what all of these share can be applied after the sum. This
      one has none, or several.

      Quantize the tensor with one scale and zero point; in a text, `i8<0.5:-3>[1, 4]`. If a
      model file lacks them, it was converted without calibration data.
      """),
    Explanation(
      "normalization-result-scale",
      """
      Normalized results lie in a range that is known beforehand, so their integer arithmetic gives
      them in fixed steps: log softmax in 1/16 up to 0, an L2 normalization in 1/128 around 0.

      Quantize the result so; a following `quantize` brings it to another scale.
      """),
    Explanation(
      "scales-differ",
      """
      Pooling picks or averages the stored integers and writes them back as they are,
      without scaling. Therefore the integers of operand and result must mean the same
      numbers: scales equal to within 10⁻⁶, zero points equal. The TFLite specification
      demands the same, and the reference kernels rely on it.

      Quantize the result like the operand. Converters do so by themselves; a model in which
      they differ was usually edited or calibrated tensor by tensor.
      """),
    Explanation(
      "sigmoid-result-scale",
      """
      The 16-bit forms of the logistic function and the hyperbolic tangent have results in −1 ... 1,
      which are stored in steps of 1/32768, with a zero point of 0. Their tables hold these numbers.

      Quantize the result so; a following `quantize` brings it to another scale.
      """),
    Explanation(
      "softmax-result-scale",
      """
      The results of a softmax lie between 0 and 1 whatever the operand, so the TFLite
      specification fixes their quantization: scale 1/256 and zero point −128, which spreads
      the 256 values of `i8` over this range; 1/32768 and 0 for a softmax of `i16`; 1/65536
      and −32768 where `i8` gives `i16`. The fixed-point kernels are built for these scales
      and have no others.

      Quantize the result by 1/256 and −128; in a text, `i8<0.00390625:-128>`.
      """),
    Explanation(
      "softmax-scale-too-small",
      """
      The fixed-point softmax subtracts the largest element of the row and multiplies the
      difference by `beta · scale · 2²⁶`, a factor that it can hold only from 1/2 upwards.
      So `beta · scale` must be at least 2⁻²⁷, about 7.5e-9. Below that, even the extremes
      of `i8` differ by less than 2e-6, and all results of a row would be equal anyway.

      Such a scale comes from calibration data in which the tensor hardly changed. Check the
      data, and quantize again.
      """),
    Explanation(
      "unsupported-elements",
      """
      The operator exists, but not for this combination of element types; the help lists
      those for which there is exact arithmetic. For convolutions and matrix products these
      are `f32` throughout, and `i8` or `u8` image and weights with an `i32` bias.

      `f32, i8` in the message means that only the weights are quantized (dynamic range
      quantization): quantize the model in full, with a calibration set that gives the
      activations their scales. For `i16` activations there are no kernels here; quantize to 8 bits instead.
      """),
    Explanation(
      "weight-axis",
      """
      Weights may have one scale for each output channel: the scale is then a factor of the
      whole accumulator, and applied once, after the sum. Along any other axis the scale
      would change inside the sum, where it cannot be pulled out. The output channels are
      axis 0 in `conv2d` and `fully_connected`, and axis 3 in `depthwise_conv2d`, whose
      weights are `[1, height, width, outputs]`.

      Quantize along that axis. If weights were transposed after quantization, the axis has
      to move with them.
      """),
    Explanation(
      "weight-quantization",
      """
      A quantized convolution or matrix product computes
      `Σ (x − zeroPointX) · (w − zeroPointW)` in integers. Multiplied out, the zero point of
      the weights meets the sum of all inputs; one that differs from channel to channel
      would cost a separate correction for each, which neither the reference kernels nor the
      arrays of NPUs provide. So weights need scales, and all their channels the same zero
      point, in practice 0.

      Quantize the weights symmetrically, which is what the TFLite specification asks for;
      per channel or per tensor are both fine.
      """),
    Explanation(
      "zero-point-count",
      """
      Products of bytes have their zero points as operands: for a matrix one, or one for each row of
      the first or column of the second, or one for each row or column of each matrix of a batch;
      for a convolution one for the image, and one, or one for each output channel, for the weights.

      Look for weights that were replaced without their zero points.
      """),
    Explanation(
      "zero-point-not-zero",
      """
      Some integer arithmetic leaves out the subtraction of zero points, so 0 must stand for 0:
      that of 16-bit activations, and of the weights that go with them. TFLite demands it too.

      Quantize the tensor symmetrically, with a zero point of 0. Converters do so in the mode with
      16-bit activations and 8-bit weights.
      """),
  ]
}
