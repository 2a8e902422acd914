import Support

extension Explanation {
  /// Operands and attributes that decide what the elements of a result are, or how many.
  static let operands: [Explanation] = [
    Explanation(
      "bad-fake-quant-range",
      """
      `fake_quant` gives each number the value that it would have after quantization from
      `lower` to `upper` in some number of bits. The bounds must be finite and in order, and
      there are 2 to 16 bits: with fewer there is nothing between the ends, and more are not
      stored by any kernel.

      Correct the range. Such operators come from training for quantization, where the range
      of a tensor that was never reached may have stayed empty.
      """),
    Explanation(
      "bad-index-type",
      """
      Extents and places of elements are counted in `i32` or `i64`. The attribute `element`,
      or in a TFLite file the type of the result, names another type.

      Choose `i32`, which holds every extent that a tensor can have, and convert the result
      with a `cast` if something else reads it.
      """),
    Explanation(
      "bad-position",
      """
      Tensors of a sequence are named by their position, from 0 to their number minus 1, or
      from the end by −1 and down. Here the sequence is too short, or the operand that says
      the position is empty.

      The file is damaged, or another sequence was meant: export the model again.
      """),
    Explanation(
      "bad-range",
      """
      `range` gives `count` numbers, the first of which is its first operand, each one
      `delta` more than the one before it. There cannot be less than none, nor more than a
      tensor can hold.

      Give `count` a number that is not negative.
      """),
    Explanation(
      "empty-range",
      """
      A `RANGE` goes from its start in steps of `delta` until the limit, which is left out.
      Here `delta` is zero or leads away from the limit, so that the list would never end.

      Check the three constants in the original model, in particular the sign of `delta`.
      """),
    Explanation(
      "no-tensors",
      """
      `SequenceConstruct` makes a sequence of its operands, and has none. What the sequence
      could hold would not be known.

      An empty sequence is made by `SequenceEmpty`, which names the element type.
      """),
    Explanation(
      "not-one-number",
      """
      This operand is read as one number, such as an axis or a depth, but the constant in
      the file has several elements or none, so that it is not clear which is meant.

      Export the model again. If the file was written by a script, store the number as a
      scalar or as a list of one element.
      """),
    Explanation(
      "open-result-shape",
      """
      This operand holds the extents of the result. It is computed while the model runs, and
      the file leaves an extent of the result open (−1 in its signature), so that nothing
      says how large the result will be. Memory and the program of an NPU are planned before
      anything runs.

      Export the model with fixed input shapes: the converter then works the operand out, or
      at least notes the extents of the result. `dovetail run` computes the model as it is: it
      reads it for the inputs that it is given.
      """),
  ]
}
