import Support

extension Explanation {
  /// Files of any kind: reading, writing, and what their names say.
  static let files: [Explanation] = [
    Explanation(
      "bad-numpy-shape",
      """
      An extent of the array is not a positive number, or the array would have more than 2⁴⁰
      elements. An extent of 0 means that the array is empty, often the result of a
      selection that matched nothing; a tensor always has at least one element.

      Look at `array.shape` before you save it.
      """),
    Explanation(
      "format-not-yet",
      """
      The ending of the name is one that is set aside for models (`.onnx`, `.json`, `.dvp`),
      but this version of Dovetail reads only `.tflite` and `.graph` files.

      Convert the model to TFLite, with integer quantization if it is meant for an NPU of
      integers.
      """),
    Explanation(
      "fortran-order",
      """
      The array is stored column by column (`fortran_order: True`), while all tensors here
      are stored with the last axis running fastest. NumPy writes this order for transposed
      arrays: `array.T` only changes how the same memory is looked at.

      Save `numpy.ascontiguousarray(array)`.
      """),
    Explanation(
      "not-numpy",
      """
      Tensors are read from `.npy` files: the byte 0x93, the letters `NUMPY`, a version from
      1.0 to 3.0, then a header with element type, order and shape. This file does not begin
      like that, or its header lacks one of these. A `.npz` is an archive of several arrays,
      and a file written by `tofile` or `pickle` has no such header at all.

      Save the one array with `numpy.save("x.npy", array)`; from an archive, take it out
      first: `numpy.save("x.npy", numpy.load("x.npz")["NAME"])`.
      """),
    Explanation(
      "not-text",
      """
      Text forms of graphs and target files are UTF-8, and this file holds bytes that no
      UTF-8 text has. Usually it was saved in another encoding, such as Latin-1 or UTF-16,
      or it is a binary file with the wrong ending.

      Convert it, for example with `iconv -f LATIN1 -t UTF-8 OLD > NEW`, or give the file
      the name it should have.
      """),
    Explanation(
      "truncated-numpy",
      """
      The header of a `.npy` file says how many bytes the array has, extents times element
      size, and the file ends before them. It was copied or downloaded incompletely, or the
      program that wrote it did not come to its end.

      Write or fetch it again; `numpy.load` should open it without an error.
      """),
    Explanation(
      "unknown-format",
      """
      The ending of a model's name decides how the file is read: `.tflite` is a TFLite
      model, `.graph` the text form of a graph. The content is not used to guess, so that a
      damaged file of one kind is never taken for another.

      Rename the file, or export the model as one of these.
      """),
    Explanation(
      "unreadable-file",
      """
      The file is missing, you may not read it, or it is not a regular file; the message
      gives the system's reason. Dovetail maps files into memory, so that a large model
      costs only the pages that are really read, and only a regular file of a known size can
      be mapped: a folder, a pipe or a device cannot.

      Check the path and the permissions. What comes out of a pipe must be stored in a file
      first, with the ending that says what it is.
      """),
    Explanation(
      "unsupported-numpy-type",
      """
      Arrays are read with elements `<f4`, `<f2`, `|i1`, `|u1`, `<i2`, `<i4`, `<i8` and
      `|b1`: little-endian numbers, as the kernels take them. The most frequent surprise is
      `<f8`, because NumPy computes in 64 bits unless told otherwise, and no model here
      reads 64-bit floats. Dovetail does not convert silently, for that would round your
      data without a word.

      Convert the array where it is made, for example `array.astype("float32")`. Strings,
      records and complex numbers cannot be tensors.
      """),
    Explanation(
      "unwritable-file",
      """
      The result could not be written; the message gives the system's reason. A file is
      written whole or not at all: first as `NAME.partial-…` beside its final place, then
      renamed. So the folder must be writable, not only the file, and an old file and the
      new one must both fit on the disk for a moment. Whatever stood under the name before
      is still there, unchanged.

      Check that the folder exists, that you may write to it, and that the disk has room.
      Pipes and devices cannot be replaced: they take the bytes as they come.
      """),
    Explanation(
      "unwritable-output",
      """
      Results go to standard output, which took them only in part or not at all; the message
      gives the system's reason. Mostly the disk is full that a file lies on to which the
      output was sent, or the shell closed the output with `>&-`. What a file holds by then
      is cut off, so do not use it.

      Make room, or send the output elsewhere. Who wants the exit status alone adds
      `--quiet`, or sends the output to `/dev/null`.
      """),
  ]
}
