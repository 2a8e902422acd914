import Support

extension Explanation {
  /// Products, quantized operators, layers and loops of ONNX files.
  static let onnxProducts: [Explanation] = [
    Explanation(
      "onnx-attention",
      """
      An attention takes queries, keys and values as `[batches, heads, steps, width]`, or with
      all heads side by side in the last of three axes; the attributes then say how many heads
      there are. Heads of the queries are shared out equally among those of keys and values. A
      rotary embedding turns an even number of each head's elements, by angles for each step.

      Compare the shapes of the operands with the attributes `q_num_heads`, `kv_num_heads` and
      `num_heads`.
      """),
    Explanation(
      "onnx-byte-convolution",
      """
      Convolutions of bytes (`ConvInteger`, `QLinearConv`) are computed for images with one axis to
      three besides batch and channels, and kernels of up to 4096 planes. Weights have as many axes
      as the image, and the groups divide the channels of image and result.

      Compare the shapes of image and weights with the attribute `group`.
      """),
    Explanation(
      "onnx-convolution",
      """
      A `CausalConvWithState` takes steps of shape [batch, channels, length], weights with a row for
      each channel, and a state of the steps that the kernel reaches back to.

      Compare the shapes of its operands.
      """),
    Explanation(
      "onnx-einsum",
      """
      The equation of an `Einsum` has a term for each operand, with a letter for each axis, or
      `...` for any number of them, and behind `->` the letters of the result. One letter stands
      for axes of one extent, and the result has each letter once.

      Compare the equation with the shapes of the operands.
      """),
    Explanation(
      "onnx-layer",
      """
      A recurrent layer (`RNN`, `GRU`, `LSTM`) takes sequences and weights of rank 3, goes forward,
      in reverse or both ways (`bidirectional`), and has activations from the standard's list.

      Compare the layer with the documents of its operator.
      """),
    Explanation(
      "onnx-loop",
      """
      The body of a `Loop` takes the number of the round, a condition and the states, and gives a
      condition, the next states, and slices that are put together over all rounds. So it has at
      least as many results as states and one more, none of the states is left out, and all rounds
      give slices of one shape.

      A loop with a huge number of rounds would need as much memory for its slices. Look at where
      its limit comes from.
      """),
    Explanation(
      "onnx-product-shapes",
      """
      In a product of matrices, the first has as many columns as the second has rows. A vector is
      taken for a row on the left and for a column on the right; a scalar cannot be an operand.

      If a shape was given with `--shape`, it may be one that the model does not work with.
      """),
    Explanation(
      "onnx-scale",
      """
      Scales and zero points belong to all elements of a tensor, to the indices of one axis, or to
      blocks of elements along one axis. There is one of them for all, one for each index, or as
      many along the axis as there are blocks.

      Look for weights that were replaced without their scales.
      """),
    Explanation(
      "onnx-scan",
      """
      A `Scan` goes over the last of its operands, slice by slice along an axis of each, which has
      one extent in all of them. The other operands are states. The lists of axes and directions
      have a number for each operand or result that they are about. In version 8 all operands have
      a batch in common, and lengths are from 0 to the extent of the axis behind it.

      Compare `num_scan_inputs` and the lists with operands and results of the body.
      """),
  ]
}
