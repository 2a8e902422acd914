import Support

extension Explanation {
  /// Windows, regions and groups of images.
  static let images: [Explanation] = [
    Explanation(
      "bad-columns",
      """
      `columns_to_image` puts windows back where they were taken from. The operand's second extent
      is the channels times the elements of a window, its third the number of windows that fit over
      the image with its pads, as a convolution counts them.

      Correct the image's extents, or the window, its strides and its pads.
      """),
    Explanation(
      "bad-epsilon",
      """
      A normalization divides by `√(variance + epsilon)`. A negative epsilon could ask for the root
      of a negative number, and one that is infinite or no number would make every result so.

      Give a small positive number; 0.00001 is the usual one, which is also the default.
      """),
    Explanation(
      "bad-exponent",
      """
      A norm is the root of a sum of powers, `(Σ |x|ᵖ)^(1/p)`. The exponent of a pool is a positive
      integer; that of a normalization is 1 or 2.

      Correct the exponent; 2 is the default.
      """),
    Explanation(
      "bad-grid",
      """
      A grid has as many places for every image of the batch as the result has pixels, and at each
      place one position for each of the images' axes: for images `[4, 32, 32, 8]` it is
      `[4, height, width, 2]`. Images have from one to three axes.

      Bring the grid to the images' batches and axes.
      """),
    Explanation(
      "bad-groups",
      """
      Neighbouring channels are divided into groups of one size, so the number of groups is positive
      and divides the number of channels; an image has batches before its pixels and channels behind
      them.

      Correct the number of groups.
      """),
    Explanation(
      "bad-regions",
      """
      Regions of images are brought to one height and one width, both positive, and the scale is a
      finite number. An element of the result has at most 1024 samples along each axis; 0 stands for
      as many as there are pixels.

      Correct the attributes.
      """),
    Explanation(
      "bad-unpool",
      """
      `max_unpool` fills a tensor with zeros and puts the operand's elements into it; the attribute
      gives the extents of that tensor, all of them positive.

      Correct the extents.
      """),
    Explanation(
      "bad-window-axes",
      """
      A window over an image with any number of axes has a kernel, a stride and a dilation for each
      of them, from 1 to 2²⁰, and twice as many pads, first those before the axes and then those
      behind them, from 0 up to 2²⁰. The image has batches before these axes and channels behind
      them.

      Write the lists in full: for a volume three numbers, and six pads.
      """),
    Explanation(
      "onnx-image",
      """
      An operator on images in an ONNX file asks for what cannot be: a window, pads or scales for
      another number of axes than the image has, weights that do not fit its channels, a mode that
      the standard does not know, or a result without elements. Images have from one to three axes
      behind batches and channels.

      The message shows the attribute or the shapes. Correct the model where it is exported.
      """),
  ]
}
