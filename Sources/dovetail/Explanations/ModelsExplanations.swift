import Support

extension Explanation {
  /// TFLite files.
  static let models: [Explanation] = [
    Explanation(
      "bad-custom-options",
      """
      The options of this custom operator are stored in the FlexBuffers format, as a map
      from names to numbers. The bytes in the file are no such map, or an option that the
      operator cannot do without is missing, no number, or not an integer where one is
      needed.

      Export the model with the converter that comes with TensorFlow, which writes all of
      them.
      """),
    Explanation(
      "bad-sparsity",
      """
      Of a sparse constant, a TFLite file stores some elements only, and beside them a tree
      that says where they belong: a level for each axis, in an order of the file's choice,
      and behind them the axes of blocks. A level is dense, and then has the tensor's
      extent, or lists the indices that occur, in rising order, with a segment of the list
      for each node of the level above. These lists contradict each other here, or the
      tensor's shape, or the number of elements in the buffer.

      Export the model again, or without sparse weights: this costs space in the file only.
      """),
    Explanation(
      "bad-tensor-quantization",
      """
      The integers of a quantized tensor stand for real numbers,
      `real = (integer − zeroPoint) · scale`. For that, each scale must be positive and
      finite, each zero point an integer that the element type can hold, and there must be
      one pair for the whole tensor, or one for each index of the quantized axis, which must
      exist. The message says which of these does not hold.

      A scale of 0 or infinity usually means that calibration saw a tensor that was always
      zero, or data that was not finite: check the calibration data, and quantize again. A
      wrong count or axis is a mistake of the tool that wrote the file.
      """),
    Explanation(
      "bad-tensor-shape",
      """
      Each extent of a tensor must be a positive number, and a tensor may have at most 2⁴⁰
      elements. An extent of 0 or −1 stands for one that is known only when the model runs;
      but programs for an NPU have every address and loop count fixed beforehand, and so
      need a number.

      For an input, give the extents on the command line: `--shape NAME=1x224x224x3`. For
      any other tensor, export the model again with all shapes of its inputs fixed, so that
      the converter can work out the rest.
      """),
    Explanation(
      "broken-tflite",
      """
      A TFLite file is a web of tables that refer to each other by offsets. Before anything
      is read, a verifier follows every offset, and it found one that leads out of the file,
      a string or list that does not end inside it, or parts shared so often that reading
      them would take out of all proportion to the file. The place in the message is the
      path to the field. Nothing else in such a file can be trusted, so nothing of it is
      used.

      Most often a download was cut short: compare the size or the checksum with the
      original, and fetch or export the model again.
      """),
    Explanation(
      "buffer-out-of-range",
      """
      Each tensor of a TFLite file names the buffer with its elements by its place in the
      model's list of buffers; tensors that are computed name an empty one. This place does
      not exist, so the tensor's elements are nowhere. The file is damaged, or a tool
      removed buffers without renumbering the rest.

      Export the model again; if a script edits the file, correct the indices there.
      """),
    Explanation(
      "buffer-size",
      """
      Shape and element type say how many bytes a constant has, and its buffer holds a
      different number, so one of them is wrong. For example, `[16, 3, 3, 8]` of 8-bit
      integers are 1152 bytes. Elements of 4 bits are packed two to a byte; a tool that
      stores one per byte writes twice as much as it should.

      Export the model again; if a script replaces weights or changes shapes, let it change
      both.
      """),
    Explanation(
      "no-options",
      """
      What an operator does beyond its kind, such as stride, padding and fused activation,
      stands in a table of options. This operator has no such table, or that of another kind
      of operator, and a guess would change the result of the model.

      The file is damaged, or was written by a tool that left the options out. Export the
      model again.
      """),
    Explanation(
      "no-result",
      """
      A `RESHAPE` takes its new shape from a constant operand, from its options, or from the
      shape of the tensor that it writes. This one has none of the three; it does not even
      name a result.

      The file is damaged or was edited incompletely. Export the model again.
      """),
    Explanation(
      "no-subgraph",
      """
      A TFLite model is a list of subgraphs, of which the first is the one that is run. In
      this file the list is empty: it may hold metadata or buffers, but nothing to compute.

      Export the model again, and check the result with `dovetail inspect`.
      """),
    Explanation(
      "not-tflite",
      """
      A TFLite model is a FlatBuffers file with the identifier `TFL3` in its bytes 4 to 7,
      and this file has something else there, or ends before. Typical strangers are the
      pointer that Git LFS leaves in place of a large file, the error page of a web server,
      an archive that still has to be unpacked, and a Keras or ONNX model with the wrong
      ending.

      Look at the first bytes with `head -c 64 FILE | xxd`, and fetch or convert the model
      again.
      """),
    Explanation(
      "operand-not-constant",
      """
      This operand decides how data is laid out, such as the permutation of a `TRANSPOSE`,
      so shapes and addresses depend on its elements. A program for an NPU has all of these
      fixed before it runs; the operand must therefore stand in the file as a constant, and
      here it is computed or an input.

      Export the model with fixed input shapes, so that the converter can work the operand
      out, or replace it by a constant in the original model. `dovetail run` computes the model
      as it is, if the operand depends on its inputs: it reads it for those that it is given.
      """),
    Explanation(
      "shuffled-weights",
      """
      A TFLite file can store the weights of a `FULLY_CONNECTED` rearranged in blocks of 4
      by 16, the order that one kernel for processors reads fastest (`weights_format` is
      `SHUFFLED4x16INT8`). Dovetail reads weights row by row, since each target gets an
      order of its own when a model is compiled.

      Convert the model again without this optimization, so that `weights_format` is
      `DEFAULT`.
      """),
    Explanation(
      "tensor-defined-twice",
      """
      In a graph, each tensor gets its value once: as an input, as a constant, or as the
      result of one operator. Here a second operator writes the same tensor, or an input is
      listed twice, so that what a reader gets would depend on the order of execution.

      The file was put together wrongly, often by a script that merges models. Give each
      result a tensor of its own.
      """),
    Explanation(
      "tensor-not-computed",
      """
      The operators of a TFLite file stand in the order in which they are executed, and each
      may read inputs, constants, and results of those before it. This tensor is none of
      them. Either its operator comes later or reads, directly or not, the very tensor
      itself, or it is a constant that has lost its buffer. A variable, in which a model
      keeps state from one run to the next, looks the same, and is not supported here.

      Export the model again; a script that edits the file must keep the order. Turn state
      into an input and an output of the model, which you feed back yourself.
      """),
    Explanation(
      "tensor-out-of-range",
      """
      Operators, inputs and outputs of a TFLite file name tensors by their place in a list,
      and this place does not exist. (An operand that is left out is written as −1, which is
      allowed among the operands of an operator only.) The file is damaged, or a tool
      removed tensors without renumbering the rest.

      Export the model again; if a script edits the file, correct the indices there.
      """),
    Explanation(
      "unknown-padding",
      """
      The options of a convolution or pooling give the padding as a number: 0 is `SAME`, 1
      is `VALID`. The schema has no other, so this file is damaged, or made for a schema
      that is not the public one.

      Export the model again.
      """),
    Explanation(
      "unsupported-activation",
      """
      An activation that is fused into an operator is computed as a limit on its result,
      after the accumulators were scaled back to the type of the result. That works for
      `RELU`, `RELU_N1_TO_1` and `RELU6` (codes 1 to 3), which are nothing but limits.
      `TANH` (4) and `SIGN_BIT` (5) are curves and need a step of their own; other codes do
      not exist.

      Change the activation to one of the RELU family, and train or fine-tune again if
      necessary.
      """),
    Explanation(
      "unsupported-operator",
      """
      The model uses an operator for which Dovetail has no meaning: no reference arithmetic,
      no cost, and so nothing it could honestly compile. The name is the one in the TFLite
      schema, or that of a custom operator; `operator code N` is one that was added to the
      schema later. All such operators of the model are reported in one run.

      `dovetail inspect MODEL` shows where the model stands as a whole, and
      `dovetail inspect --operators` lists what is supported. Often the export can avoid the
      operator: fold normalization into the weights, replace an exotic activation, or cut
      preprocessing at the front and postprocessing at the end off the model and do them on
      the processor.
      """),
    Explanation(
      "unsupported-tensor-type",
      """
      The elements of this tensor are of a type for which there is no arithmetic here, such
      as strings, complex numbers or 64-bit floats. Supported are floats of 16 and 32 bits,
      integers of 4, 8, 16, 32 and 64 bits, and Booleans.

      Strings and resources belong to parts such as tokenizers and tables, which no NPU
      runs: cut these off when you export the model, and do them on the processor. Convert
      other numbers to one of the types that the message lists.
      """),
  ]
}
