import Support

extension Explanation {
  /// Operands, results and attributes of operators that do not fit together.
  static let shapes: [Explanation] = [
    Explanation(
      "attention-operands",
      """
      `attention` takes queries `[…, steps, width]`, keys `[…, keys, width]`, values `[…, keys, result
      width]` and perhaps a mask that broadcasts to `[…, steps, keys]`. The axes in front, batches and
      heads, are the same for all, and the scale is a finite number.

      Repeat keys and values where several heads share them, or put the heads that do so into one
      matrix of more steps.
      """),
    Explanation(
      "bad-radius",
      """
      A local response normalization sums over a channel and as many on each side as the radius says,
      so the radius is 0 or more; where it leads beyond the first or last channel, less is summed.

      Correct the radius in the file or the text.
      """),
    Explanation(
      "bad-softmax-beta",
      """
      Beta multiplies the operand of `softmax` before the exponential,
      `y = exp(beta · x) / Σ exp(beta · x)`. It is infinite or not a number, and so would be
      every result.

      Give a finite number; 1 is the usual one, which is also the default.
      """),
    Explanation(
      "bad-transposed-size",
      """
      The size of a transposed convolution's result is a height and a width, both positive. Strides
      go to 64: weights are arranged anew for each remainder of a position by the stride.

      Correct the size. Larger strides are better written as a small convolution, followed by a
      resize.
      """),
    Explanation(
      "bad-volume-window",
      """
      The window of a convolution over volumes moves along depth, height and width: strides and
      dilations are three numbers each. Borders are padded as `same` or `valid` say; explicit pads
      are for images.

      Give three numbers, and pad the volume with `pad` where other borders are wanted.
      """),
    Explanation(
      "bad-window",
      """
      Kernel, stride and dilation are pairs `[height, width]` of numbers from 1 to 2²⁰. A
      stride of 0 would never move on, and larger numbers than these cannot be meant and
      would overflow the kernels' 32-bit counters.

      Write the pair in full, such as `[2, 2]` instead of `2`. For no dilation, write
      `[1, 1]`, not zero.
      """),
    Explanation(
      "channels-not-multiple",
      """
      A depthwise convolution filters each channel by itself and makes the same number of
      outputs from each, the depth multiplier; output `o` reads input channel
      `o / multiplier`. So the number of outputs, the last extent of the weights, must be a
      multiple of the number of input channels: 8 channels can become 8 or 16, but not 12.

      Correct the weights. If each output should read a group of several channels, it is a
      grouped convolution: write it as a `conv2d` whose weights are 0 between the groups.
      """),
    Explanation(
      "depth-mismatch",
      """
      `fully_connected` reads its operand as rows, each as long as the rows of the weights,
      `[outputs, inputs]`. The element count of the operand is not a multiple of that
      length, or, where the result keeps the axes of the operand, its last axis is not
      exactly that long. An operand of shape `[1, 7, 7, 64]` has 3136 elements, so it fits
      weights `[10, 3136]` as one row, and `[10, 64]` as 49 rows.

      Check which layer comes before: often the input size of the model was changed without
      training the last layer for it, or weights are stored as `[inputs, outputs]` and need
      a transpose.
      """),
    Explanation(
      "element-count-changes",
      """
      `reshape` keeps all elements in their order and only gives them other extents, so the
      product of the extents must stay the same. One extent may be −1 and stands for
      whatever is left, but the others must then divide the count. `[1, 7, 7, 64]` can
      become `[1, 3136]` or `[-1, 64]`, but not `[1, 1024]`.

      If this appears after `--shape`, the model has the old extents in a constant: replace
      them there by −1, or export the model for the new input.
      """),
    Explanation(
      "impossible-shape",
      """
      The operands are sound, but the result would have an extent that is not positive, or
      more than 2⁴⁰ elements. No real layer is that large, and sums of sizes stay free of
      overflow only below it. Usually an extent is wrong by a few digits, or two tensors
      broadcast against each other that were not meant to.

      Look at the shapes of the operands in `dovetail inspect MODEL --graph`.
      """),
    Explanation(
      "matrices-do-not-fit",
      """
      A product of matrices needs as many columns on the left as there are rows on the right, in the
      last two axes, after the swaps that the attributes ask for. The axes in front are batches.

      Check which of the operands is stored transposed, and that both have two axes or more.
      """),
    Explanation(
      "not-broadcastable",
      """
      Operands of different shapes are combined as in NumPy: the axes are aligned at the
      last one, and along each axis the extents must be equal, or one of them 1, which is
      repeated. `[1, 8, 8, 16]` and `[16]` fit; `[1, 8, 8, 16]` and `[8]` do not, because 8
      is compared with 16.

      Reshape one operand so that its extents stand under those they belong to, such as
      `[8, 1, 1]` for one value per row of the image.
      """),
    Explanation(
      "not-permutation",
      """
      The permutation of a `transpose` names each axis of the operand exactly once: for four
      axes, the numbers 0 to 3 in any order. Axis `k` of the result is axis `permutation[k]`
      of the operand, so that `[0, 2, 3, 1]` turns NCHW into NHWC. Here an axis is missing,
      comes twice, or does not exist; axes counted from the end, such as −1, are not
      understood.

      Correct the list.
      """),
    Explanation(
      "operand-count",
      """
      The operator takes another number of operands. A convolution reads an image, weights,
      and optionally a bias; pooling, activations, `reshape`, `transpose` and `softmax` read
      one value, as their other parameters are attributes.

      In a text, correct the list in parentheses. In a model file, an operand was left out
      that the operator cannot do without, or one was added that it does not know: export
      the model again.
      """),
    Explanation(
      "rank-mismatch",
      """
      An operand has another number of axes than the operator needs. Images have four, NHWC:
      batch, height, width, channels. The weights of convolutions have four as well, those
      of `fully_connected` two, `[outputs, inputs]`.

      Most often the batch axis is missing: `[224, 224, 3]` should be `[1, 224, 224, 3]`.
      Put a `reshape` in front, or export the model with a batch of 1.
      """),
    Explanation(
      "result-count",
      """
      The operator gives another number of results than the file or text declares for it.
      All operators that are supported give one.

      In a text, correct the types after the colon. A model file in which this happens is
      damaged, or uses a variant of the operator that Dovetail does not know: export it
      again.
      """),
    Explanation(
      "result-type",
      """
      The types of operands and the attributes decide what type a result has, and the file
      or text declares another. Memory is planned and layers are chained by these types, so
      one of the two sides must be wrong.

      For a convolution, height and width of the result follow from image, kernel, stride,
      dilation and padding: with `valid`, `(extent − span) / stride + 1`, the quotient
      rounded down, where `span = (kernel − 1) · dilation + 1`; with `same`,
      `extent / stride`, rounded up. Check these, and whether a script changed the batch
      size or an input's extents without changing the tensors behind it. With `--shape`,
      Dovetail works out the types behind the inputs by itself.
      """),
    Explanation(
      "rotary-angles",
      """
      `rotary_embedding` turns pairs of numbers in the last axis of its first operand. Cosines and sines
      have one shape, whose last axis has one angle for each pair, half as many as the numbers that
      are turned; the other axes broadcast to those of the operand.

      Tables that have every angle twice, once for each half, need only the first half.
      """),
    Explanation(
      "shape-mismatch",
      """
      One operand decides which shape another must have, and it has a different one. The
      weights of `conv2d` are `[outputs, height, width, inputs]` with as many inputs as the
      image has channels; those of `depthwise_conv2d` are `[1, height, width, outputs]`; a
      bias has one element for each output.

      If the extents are the right ones in the wrong order, the weights come from a
      framework with another layout, such as `[outputs, inputs, height, width]`: transpose
      them. Otherwise two layers do not belong together.
      """),
    Explanation(
      "softmax-of-scalar",
      """
      `softmax` turns the values along the last axis into parts of 1. A scalar has no axis,
      and so nothing to share with.

      Reshape the operand to the shape that is meant, such as `[1, 10]`.
      """),
    Explanation(
      "too-much-work",
      """
      The operator alone would need more than 2⁵⁶ multiply-accumulates or other operations;
      at a thousand billion per second it would run for most of a day. Beyond that, the work
      of a whole graph could no longer be added up in 64 bits, so such an operator is
      refused before any sum is made.

      An extent is surely wrong: look at the shapes of the operands.
      """),
    Explanation(
      "transposed-size",
      """
      A transposed convolution runs an ordinary one backwards: its result is what that convolution
      would read, its operand what that would give. With the same window, stride and padding, a
      convolution over the result must therefore give the extents of the operand.

      If the file comes from a converter, the shape of the result is an operand of the operator:
      look there. A `same` padding multiplies extents by the stride at most.
      """),
    Explanation(
      "window-too-large",
      """
      The window covers `(kernel − 1) · dilation + 1` rows and columns of the image, and the
      image with its padding has fewer, so there is no place for even one window and the
      result would be empty. A kernel of 3 with dilation 4 covers 9 rows. Windows and
      paddings beyond 2²⁰ are refused as well.

      Give the model a larger input, use padding `same`, or shrink the kernel or the
      dilation. It often happens that a model trained for large images gets a small input
      with `--shape`, and the image vanishes on its way through the strides.
      """),
  ]
}
