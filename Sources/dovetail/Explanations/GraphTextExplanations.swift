import Support

extension Explanation {
  /// The text form of graphs, `.graph` files.
  static let graphText: [Explanation] = [
    Explanation(
      "bad-attributes",
      """
      Attributes stand in braces as `name: value`, separated by commas, each at most once.
      Values are written as in JSON: numbers, `true` and `false`, strings in double quotes,
      lists in square brackets, as in `{padding: "same", stride: [2, 2]}`. Here a part has
      no colon, a name comes twice, or a value is not of the kind that the attribute takes,
      such as a number that `f32` cannot hold.

      Correct the part that the message names.
      """),
    Explanation(
      "bad-shape",
      """
      Each extent of a tensor is a positive number, and a tensor has at most 2⁴⁰ elements: a
      larger one cannot be meant, and sums of sizes then never overflow. Extents that are
      open until the model runs cannot be written, because addresses and loop counts are
      fixed when a graph is compiled. A scalar has no extents: `f32[]`.

      Correct the extents.
      """),
    Explanation(
      "constant-size",
      """
      The elements that are given for a constant are not as many as its type says:
      `dense(…)` needs one number for each element, and the bytes of a footnote must be
      those of the type, 4 for each `f32`, 1 for each `i8`, half a byte for each `i4`.

      Correct the type or the elements. If they need not be particular ones, `splat(0)` and
      `random(7)` fill any shape, and `elided` leaves the elements out.
      """),
    Explanation(
      "generated-size",
      """
      `splat(…)` and `random(…)` make the elements of a constant up when the text is read,
      and a few characters could so ask for more memory than any machine has. At most 2³⁰
      bytes are made.

      Write `constant(elided)`: the graph can then be inspected, compiled and profiled, only
      not executed.
      """),
    Explanation(
      "graph-syntax",
      """
      The parser expected one thing at this place of the line, and found another. A
      statement stands on one line: results, operator, operands, attributes if they are not
      the usual ones, and the types of the results:

          %y = conv2d(%x, %w, %b) {padding: "same", stride: [2, 2]} : f32[1, 8, 8, 16]

      Names of values begin with `%`; a quantized type has its scale and zero point before
      the shape, as in `i8<0.5:-3>[1, 4]`. Compare the line with what
      `dovetail inspect MODEL --graph` prints.
      """),
    Explanation(
      "name-count",
      """
      To the left of the equals sign stands one name for each result of the operator, and a
      constant is one value: `%y = relu(%x) : f32[1, 4]`. Here there are more names or fewer
      than results.

      Add or remove names. The types after the colon are as many as the results, too.
      """),
    Explanation(
      "no-graph",
      """
      A `.graph` file begins with a line `graph NAME(%x: f32[1, 4]) {` and has, further
      down, a line with nothing but `}`; comments begin with `//`. One of the two is
      missing. Below the brace, only footnotes may follow.

      `dovetail inspect MODEL --graph` prints a text of the right form, which makes a good
      start.
      """),
    Explanation(
      "redefined-value",
      """
      Each value is defined once, so that a name means the same thing in every line that
      reads it. Here an input, a constant or a result takes a name that is already in use.

      Give one of the two another name, and check which of them the lines below should read.
      Names that tensors have in a model file need not differ: they stand in footnotes,
      `%y = tensor 7 "dense/MatMul"`.
      """),
    Explanation(
      "undefined-footnote",
      """
      Long constants and long lists of scales stand below the closing brace, as footnotes:
      `#0 = data("AQIDBA==")` for the bytes of a constant, `#s0 = scales(axis 0, 0.5, 0.25)`
      for the quantization of a type. The text refers to one that does not stand there,
      often because only the part inside the braces was copied.

      Copy the footnotes, too, or write `constant(elided)` if the elements do not matter.
      """),
    Explanation(
      "undefined-value",
      """
      The text names a value `%name` that is not defined above this line: neither an input,
      nor a constant, nor the result of a node before it. A graph is read from top to
      bottom, in the order in which it is computed, so a definition that comes later does
      not help; a footnote `%name = tensor …` must name a value of the graph.

      Correct the spelling, or move the defining line up.
      """),
    Explanation(
      "unknown-attribute",
      """
      The operator has no attribute of this name; the help lists those that it has. An
      unknown name is never skipped: a misspelt `strides` would otherwise leave the stride
      at its default, and change the result without a word.

      Correct the name. What another format knows as an attribute may be an operand here, or
      follow from the shapes: the kernel size of a `conv2d` is that of its weights.
      """),
    Explanation(
      "unknown-element-type",
      """
      The type of an element is one of `f32`, `f16`, `bf16`, `i4`, `i8`, `u8`, `i16`, `i32`,
      `i64` and `bool`. Other spellings, such as `float32` or `int8`, are not understood.

      Write one of these. A quantized tensor is `i8` or another integer type with a scale:
      `i8<0.5:-3>[1, 4]`.
      """),
    Explanation(
      "unknown-operator",
      """
      Operators are written in lower case with underscores, such as `fully_connected` or
      `max_pool2d`, and there is none of this name. The names of TFLite, such as `CONV_2D`,
      only appear after `from`, where they say what a node came from.

      `dovetail inspect --operators` lists the names.
      """),
  ]
}
