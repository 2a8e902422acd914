import Support

extension Explanation {
  /// Operators that move, convert and combine elements.
  static let elements: [Explanation] = [
    Explanation(
      "activated-concatenation",
      """
      TFLite lets a concatenation clamp its result, which no converter writes and which
      Dovetail does not compute.

      Write the activation as an operator of its own behind the concatenation.
      """),
    Explanation(
      "axis-out-of-range",
      """
      An axis is the position of an extent, counted from 0, or from the back with −1 for the
      last. This one lies outside: a tensor of rank 4 has the axes 0 to 3, or −4 to −1.

      Check which layout the exporter had in mind; the axis is often that of NCHW, where the
      tensor is NHWC.
      """),
    Explanation(
      "bad-bitcast",
      """
      A bitcast to a wider element joins the narrower ones along the last axis, which then
      vanishes: two `i16` make an `i32`, so the last extent must be 2. To a narrower one, an
      axis is added instead.

      Reshape the operand so that its last axis holds the parts of one element.
      """),
    Explanation(
      "bad-mirror-pads",
      """
      A mirror at the border shows each element once, so padding by reflection can add at most
      one element less than the extent has, and padding that repeats the border at most as many.

      Pad twice, or by less.
      """),
    Explanation(
      "bad-pads",
      """
      Padding takes one number of elements in front and one behind for each axis, none of them
      negative, and the padded tensor must still be one that can be stored.

      Give as many pairs as the operand has axes; to cut elements off, use a slice.
      """),
    Explanation(
      "bad-resize",
      """
      The new size is a height and a width, both positive. Aligned corners and half-pixel
      centers are two answers to the same question, where pixels lie, and exclude each other.

      Export the resize with one of them, and with a fixed size.
      """),
    Explanation(
      "bad-slice",
      """
      A slice begins inside of the operand and ends inside of it: `begin + (size − 1) · step`
      must be an index of the axis too, and the step is not zero. A slice of a file has been
      brought to this form already, its ends clamped as the format says.

      If the lists come from a text form, correct them; if from a file, its shapes do not
      belong together: export it again.
      """),
    Explanation(
      "bad-slice-lists",
      """
      Slices, splits and pads come with lists that speak about the axes of their operand: as
      many begins as ends and strides, a pair of pads for each axis, an axis that exists. Those
      of this operator do not fit each other, or the operand.

      The file is damaged, or was written for an operand of another rank: export it again.
      """),
    Explanation(
      "bad-split",
      """
      The parts of a split are disjoint and cover the axis: no size is negative, and
      they add up to its extent.

      Correct the sizes, or the number of parts, which must divide the extent if they are equal.
      """),
    Explanation(
      "empty-slice",
      """
      A slice whose end lies before its beginning has no elements. Formats allow it, but a
      tensor without elements has no use in a network that is to be costed.

      It is often a sign that an input has another shape than the exporter assumed: fix it with
      `--shape`.
      """),
    Explanation(
      "grouped-convolution",
      """
      Weights with fewer input channels than the image has are those of groups: each group reads
      its share of the image's channels and makes its share of the result's. Both shares must be
      whole numbers.

      Check the shape of the weights: output channels, height, width, and the input channels of
      one group.
      """),
    Explanation(
      "hard-swish-scales",
      """
      TFLite computes a quantized hard swish in 16-bit fixed point and demands that the result's
      scale is at least 1/128 of the operand's. This one is finer, so its reference kernels
      refuse it too.

      Quantize the result with the range that calibration finds for it.
      """),
    Explanation(
      "missing-operand",
      """
      The operator needs an operand at this position, and the file leaves it out.

      The file is damaged, or was written by a tool that takes the operand for optional: export
      it again.
      """),
    Explanation(
      "mixed-elements",
      """
      Operators that put tensors together do not convert them: all operands have one element
      type, which the result has too.

      Cast, quantize or dequantize the odd one first.
      """),
    Explanation(
      "nothing-to-dequantize",
      """
      Dequantizing turns stored integers into the real numbers that they stand for, for which
      the operand needs a scale and a zero point. This one has none; floats of 16 bits need none.

      Give the tensor its scale, or use a cast if the integers are meant as they are.
      """),
    Explanation(
      "quantization-changes",
      """
      The operator moves elements without computing with them, so a stored number must mean the
      same before and after: operand and result need the same scale and zero point. Here they
      differ. (TFLite rescales in some of these cases; that arithmetic is not built yet.)

      Quantize the tensors with one scale: exporters can be told to, and do so for most
      operators of this kind.
      """),
    Explanation(
      "repeated-axis",
      """
      `Squeeze` takes away, and `Unsqueeze` adds, each axis that is listed. One stands there
      twice; a negative axis counts from the back, so that two numbers may mean the same one.

      Correct the list, or export the model again.
      """),
    Explanation(
      "select-elements",
      """
      A select takes its condition from a tensor of `bool` elements, and its results from two
      tensors of one type.

      Compare first to get a condition, and convert one of the branches to the other's type.
      """),
    Explanation(
      "shape-of-scalar",
      """
      The shape of a scalar is a list without elements, and tensors without elements are not
      supported.

      The scalar's shape is known: replace the operator by a constant, or leave it out.
      """),
    Explanation(
      "strings",
      """
      The standard has tensors of text, mostly for models that begin with words. Here tensors
      hold numbers only.

      Look words up before the model runs, and export it from there on.
      """),
    Explanation(
      "sub-byte-elements",
      """
      Two `i4` elements share a byte, and this operator moves elements one by one, which tears
      such pairs apart; the kernel moves whole bytes.

      Transform the weights before they are quantized and packed, or use `i8` for the tensor.
      """),
    Explanation(
      "too-many-results",
      """
      Unpacking makes a tensor of each index of an axis, and a node with thousands of results is
      more likely a damaged file than a model.

      Use a slice for the parts that are needed.
      """),
    Explanation(
      "unknown-pad-mode",
      """
      A `Pad` adds a constant, mirror images, the elements at the border, or those of the
      other end: `constant`, `reflect`, `edge` or `wrap`. The file names something else.

      The file was written for a newer version of the standard, or is damaged: export it
      again.
      """),
  ]
}
