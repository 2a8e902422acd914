import Support

extension Explanation {
  /// Matrices, signals and losses.
  static let signals: [Explanation] = [
    Explanation(
      "bad-frames",
      """
      A short-time Fourier transform cuts a signal into frames: a signal is `[batch, length]`, or has a
      last axis of 1 or 2 for its real and imaginary part. A frame has at least one number, and no more
      than the signal; frames begin at least one number apart.

      Correct the frame's length or step, or give the signal the shape that is meant.
      """),
    Explanation(
      "bad-signal",
      """
      A Fourier transform takes complex numbers, whose real and imaginary part lie along the last axis.
      Its extent is 2, or 1 for real numbers, and the signal lies along another axis. The length of the
      transform is from 1 to 2²⁴; where the inverse is made of one side of the frequencies, two of these
      at least are needed, or a length of its own.

      Add the last axis with a reshape, or correct axis and length.
      """),
    Explanation(
      "no-classes",
      """
      A loss compares probabilities of classes with the classes that are true. The probabilities are
      `[batch, classes]`, or have further axes behind these, such as height and width; the true classes
      have the same axes without that of the classes.

      Give a single sample a batch axis of 1.
      """),
    Explanation(
      "no-matrix",
      """
      A matrix needs two axes: the triangle is cut from the last two, and any axes before these are a
      batch of matrices.

      Reshape a vector to `[1, length]` if it is meant as a row.
      """),
    Explanation(
      "not-square",
      """
      Only a matrix with as many rows as columns has a determinant. The matrices are the last two axes of
      the operand, whose extents must be equal.

      Check which axes hold the matrices; a transpose brings them to the end.
      """),
  ]
}
