import Support

extension Explanation {
  /// ONNX files.
  static let onnxFiles: [Explanation] = [
    Explanation(
      "not-onnx",
      """
      An ONNX file is one protocol buffer message: a model with a graph and the versions of the
      operators that it uses. These bytes cannot be decoded as one, or hold no graph.

      The file is truncated or damaged, or something else that was named `.onnx`, such as the web
      page of a download that failed. Fetch or export it again.
      """),
    Explanation(
      "onnx-element-type",
      """
      Numbers of 4 to 64 bits, truth values, float16, bfloat16, float8 (E4M3FN, E5M2), float and
      double are supported. Strings and complex numbers have no place on an NPU; the other 8-bit
      and 4-bit floats are not supported yet.

      Leave text processing out of the exported graph.
      """),
    Explanation(
      "onnx-tensor-shape",
      """
      An extent is negative, or there would be more than 2^40 elements. The file is damaged, or an
      exporter wrote a placeholder where an extent belongs.
      """),
    Explanation(
      "onnx-tensor-size",
      """
      The shape and the element type of a tensor say how many bytes its elements take, and the file
      has another number of them. It is truncated or damaged: fetch or export it again.
      """),
    Explanation(
      "onnx-sparse-tensor",
      """
      A sparse tensor lists the elements that are not zero, and where each of them is. Here the
      lists have different lengths, or a place lies outside of the tensor's shape; or there would be
      more than 2^28 elements with the zeros between them.
      """),
    Explanation(
      "external-location",
      """
      Large models keep their weights in files beside the model. Such a file must lie in the model's
      folder or below it: a path that begins at the root, climbs out by `..`, or leads out through a
      link is refused, because a model from a stranger could otherwise read any file.

      Put the data beside the model, and save it with paths relative to its folder.
      """),
    Explanation(
      "external-range",
      """
      The weights would be in a part of the other file that it does not have, or would have another
      size than their type and shape say. One of the two files is truncated, or of another version
      of the model: fetch both again.
      """),
    Explanation(
      "onnx-opset",
      """
      Each domain of operators has versions, counted from 1, and a model says which it uses. The
      number here is none. Export the model again.
      """),
    Explanation(
      "onnx-operand",
      """
      The operator cannot do without this operand, and the file leaves it out, or has a list of
      tensors where a tensor belongs, or the other way round. The standard's documentation of the
      operator says which operands may be absent.
      """),
    Explanation(
      "onnx-attribute",
      """
      The standard has no default for this attribute, so the file must give it; or it is there with a
      value of the wrong kind. Export the model again with a newer exporter.
      """),
    Explanation(
      "onnx-axis",
      """
      An axis is counted from 0, or from the end with −1 as the last. This one is outside of the
      tensor's rank, often because an operand has another shape than the exporter assumed: see
      `--shape`.
      """),
    Explanation(
      "onnx-result",
      """
      The file has a name for a result that the operator does not give.
      """),
    Explanation(
      "onnx-port-type",
      """
      An input of the model must be a tensor, or a list of tensors. Maps, optional values and
      sparse tensors are not supported as inputs.
      """),
    Explanation(
      "open-shape",
      """
      The model leaves extents of this input open, such as the length of a text or the width of an
      image, and everything behind it depends on them. An open batch is taken for 1; other extents
      must be given: `--shape NAME=1x3x48x320`. A name that the model gives to an extent is then
      bound wherever it stands. `dovetail run` also takes them from the arrays that it is given.
      """),
    Explanation(
      "conflicting-extents",
      """
      The model gives one name to several extents, which must then be equal, and the shapes given by
      `--shape`, or those of the arrays, are not.
      """),
    Explanation(
      "depends-on-values",
      """
      A shape, a count or another choice depends on what the inputs hold: the places of elements
      that are not zero, the boxes that overlap too much, the length of a loop. A target's program
      needs all shapes before there are any inputs, so such a model cannot be compiled.

      `dovetail run` computes it: it reads the model once more with the inputs that it is given, and
      computes on the way what depends on them. To compile it, cut the model before that part, or
      export it with a fixed number.
      """),
    Explanation(
      "too-deep",
      """
      Functions call each other, or graphs lie within nodes of graphs, more than 64 deep. A function
      that calls itself never ends, and is no function of the standard.

      Branches and loops that only a run can decide about may lie in each other 8 deep. Give the model
      constant conditions and counts, or write it with fewer levels.
      """),
    Explanation(
      "sequence-result",
      """
      A branch or a loop that is executed anew for each input gives a list of tensors, whose length
      would be known only then. Such lists exist while a model is read, not while it is computed.
      """),
    Explanation(
      "no-elements",
      """
      An extent of 0 leaves a tensor without elements. Moving such a tensor, joining it with others
      and computing element by element work; operators that look at neighbours, such as
      convolutions, have nothing to work on.

      It is often a sign that an input has another shape than the exporter assumed: see `--shape`.
      """),
    Explanation(
      "onnx-no-counterpart",
      """
      A graph is written as ONNX by operators of the standard. This one, or this form of it, is none of
      them, and is not made of several either: TFLite's own recurrent layers and detections, for example.

      Write the graph as `.graph`, which holds everything, or a graph that came from TFLite as
      `.tflite`.
      """),
    Explanation(
      "onnx-states",
      """
      Variables, caches and the like go from one run to the next. An ONNX graph begins anew with every
      run; whoever runs it has to hand such tensors on himself, as inputs and outputs.

      Write the graph as `.graph`, which keeps states.
      """),
    Explanation(
      "onnx-too-large",
      """
      An ONNX file is one message, and no message may have 2 GB or more. Weights in files of their own
      are not written yet.

      Quantize the weights, or write the graph as `.graph`.
      """),
  ]
}
