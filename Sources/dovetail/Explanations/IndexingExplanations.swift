import Support

extension Explanation {
  /// Indices, places, and blocks of elements that are moved together.
  static let indexing: [Explanation] = [
    Explanation(
      "bad-block",
      """
      These operators move blocks of pixels to channels or images, or back. A block has
      positive extents; where blocks are cut out, they must divide the (padded) height and
      width without a rest, and where blocks are put together, their size must divide the
      number of channels or images. Pads and crops have one number for each axis of a block.

      Check the block against the shape in the message: a height of 3 cannot be cut into
      blocks of 2, but can with a pad of 1.
      """),
    Explanation(
      "bad-boxes",
      """
      `NonMaxSuppression` reads boxes `[images, boxes, 4]` and scores `[images, classes,
      boxes]`. In the file they disagree about the number of images or boxes, or have other
      axes.

      Export the detector again, or transpose the scores: classes come before boxes.
      """),
    Explanation(
      "bad-cache-axis",
      """
      `cache_update` writes entries into a cache that has a part for each batch. The first
      axis is that of the batches, so entries cannot follow each other along it.

      Give `axis` the axis of the sequence, usually the last but one.
      """),
    Explanation(
      "bad-default",
      """
      `sparse_to_dense` puts elements at their places and one and the same element everywhere
      else. What that is, its last operand says, which therefore has a single element.

      Give a scalar, such as 0.
      """),
    Explanation(
      "bad-detection",
      """
      `detection_post_process` reads one image's codes `[1, boxes, 4 or more]`, scores
      `[1, boxes, classes]` and anchors `[boxes, 4]`. It counts the last of these classes, at
      most all, and gives a positive number of boxes. Boxes are decoded by dividing by four
      scales, none of them 0, and a box is dropped if it overlaps a better one by more than
      a threshold above 0 and up to 1.

      Compare the options in the message with the shapes; detectors that count a background
      have one class less than scores.
      """),
    Explanation(
      "bad-diagonal",
      """
      `matrix_diag` makes a square matrix of each row, so its operand has at least one axis;
      `matrix_set_diag` changes matrices, so its first operand has at least two.

      Reshape the operand to rows or matrices first.
      """),
    Explanation(
      "bad-embedding",
      """
      `embedding_lookup` takes rows out of a table. The table here is a scalar, or the rows
      that would be taken are more than a tensor can hold.

      Give a table of at least one axis, a row for each index that may come.
      """),
    Explanation(
      "bad-gather",
      """
      `gather` takes slices of a table at indices along an axis. With batch axes, each place
      in the first axes has indices of its own: table and indices then agree in these
      extents, and the axis is none of them. A table `[8, 100, 4]` with indices `[8, 5]`,
      axis 1 and one batch axis gives `[8, 5, 4]`.

      Check `batchAxes` (`batch_dims` in TFLite) against both shapes.
      """),
    Explanation(
      "bad-one-hot",
      """
      `one_hot` makes a row of `depth` elements for each index, and fills it with two
      values. The depth must be positive, each value a single element, and the result no
      larger than a tensor can be.

      Check the order of the operands: indices, the value at the index, the value elsewhere.
      """),
    Explanation(
      "bad-places",
      """
      The last axis of the places holds one index for each leading axis of the tensor that
      is read or written; what the remaining axes hold is moved as a slice. So the places
      have at least one axis, and no more indices than the tensor has axes: `[10, 2]` are
      ten places in a tensor of two or more axes. `sparse_to_dense` moves single elements, and
      has an index for every axis.

      Check whether the indices of a place really stand along the last axis.
      """),
    Explanation(
      "bad-segments",
      """
      `segment_sum` adds up rows, the slices along the first axis, by the number of their
      segment; `unsorted_segment_sum` and its kin have a number for each slice behind one or
      more of the first axes. So the numbers' extents are the first of the operand's, and
      there must be at least one segment.

      Give `count` the highest segment number plus one.
      """),
    Explanation(
      "bad-term-pool",
      """
      `term_frequencies` looks in rows for n-grams. Its pool holds the elements of all
      n-grams of one element, then of two, and so on; `starts` says where each length
      begins, so the parts are whole n-grams, and each n-gram has its place in the result.
      So has it its weight, if there are any. Lengths go from 1 to the number of
      `starts`. Rows are a list or a matrix.

      Count: `pool` [1, 2, 5, 6] with `starts` [0, 2] are two n-grams of one element and one of
      two, so there are three places.
      """),
    Explanation(
      "bad-tile",
      """
      `tile` repeats its operand along each axis, and so needs a positive count for each. An
      axis that is not to be repeated has the count 1. The result may not be larger than a
      tensor can be.

      Write as many counts as the operand has axes.
      """),
    Explanation(
      "bad-top-k",
      """
      `top_k` finds the largest elements of each row along the last axis. It can find no
      more than the row has, and at least one.

      Reduce `count`, or check whether the values to compare lie along the last axis.
      """),
    Explanation(
      "bad-where",
      """
      `where` lists the places of all elements that are not 0. How many there are is an
      attribute, because shapes are known before a graph is computed; it must
      not be negative, and the operand must have an axis for a place to have an index.

      Give `count` the number of elements that are not 0.
      """),
    Explanation(
      "indices-do-not-fit",
      """
      `gather_elements` and `scatter_elements` take an index for each element that is read or
      written. It replaces the element's own index along one axis; along all others, the
      element lies where its index lies. So both tensors have the same rank, and the indices
      reach no further than the tensor but along that axis.

      Check `axis`; if the indices are about whole slices, take `gather` or `update_nd`.
      """),
    Explanation(
      "same-axis",
      """
      `reverse_sequence` turns the first elements along one axis around, as many as a list
      of lengths says for each index of another axis. Here both are the same axis.

      Give the axis of time as `axis`, and that of the sequences as `batchAxis`. To turn a
      whole axis around, take a `strided_slice` with step −1.
      """),
    Explanation(
      "update-too-large",
      """
      `dynamic_update_slice` puts its second operand into the first, moved as far inside as
      it has to be. For that it must have as many axes, and no extent may be larger.

      Check the order of the operands: what is changed, what is put there, and where.
      """),
    Explanation(
      "unknown-reduction",
      """
      A scatter may add what it puts to what is there, multiply both, or keep the larger or
      the smaller one: `add`, `mul`, `max`, `min`, or `none`. The file names something else.

      The file was written for a newer version of the standard, or is damaged: export it
      again.
      """),
  ]
}
