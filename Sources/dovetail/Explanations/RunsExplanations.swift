import Support

extension Explanation {
  /// What a command was asked for: inputs, steps, constants to run with, and ids.
  static let runs: [Explanation] = [
    Explanation(
      "elided-constant",
      """
      A constant of this graph is elided: it has a type and a shape, but no elements. Such a
      graph can be inspected, compiled and profiled, since costs depend on shapes alone, but
      not executed. The usual source is a text printed by `dovetail inspect MODEL --graph`,
      which leaves out long constants.

      Run the original model, or print the text with all elements:
      `dovetail inspect MODEL --graph --constants`. If the values do not matter,
      `constant(random(7))` in the text gives seeded ones.
      """),
    Explanation(
      "elided-program",
      """
      The program was compiled from a graph in which constants are elided: they have a
      shape, but no elements. Its commands are all there, and their time can be told, but
      the simulator really computes, and has no weights to compute with.

      Compile a model that has its weights. If the graph comes from
      `dovetail inspect MODEL --graph`, print it with `--constants` as well.
      """),
    Explanation(
      "input-type",
      """
      A file for an input must have the element type of that input and its shape; only axes
      of extent 1, such as that of a batch, may be missing or added. Dovetail does not
      quantize, reshape or transpose what you give: it could not know which scale or which
      order of axes you had in mind, and a wrong guess would give plausible wrong results.

      A quantized input takes the integers that the model reads:
      `q = round(x / scale) + zeroPoint`, limited to the range of the type;
      `dovetail inspect MODEL` shows scale and zero point. Images are NHWC, with the
      channels last. If the model should take other extents, give these with `--shape`.
      """),
    Explanation(
      "label-count",
      """
      Accuracy compares the model's answer for each sample with the label at the same place,
      so there must be as many labels as samples. Samples lie along the first axis of the
      data, and a label is one number, the index of the right class among the model's
      outputs. Labels in one-hot form are as many numbers as samples times classes.

      Check that both files belong to the same set and were shuffled or cut alike; turn
      one-hot labels into indices with `labels.argmax(axis=1)`.
      """),
    Explanation(
      "no-step-axis",
      """
      With `--steps N`, a file for an input holds N inputs one after the other, along a
      first axis of exactly N indices; each step then reads one of them. For a model that
      reads `[1, 8]`, `--steps 5` needs an array of shape `[5, 1, 8]`.

      Stack the inputs, for example with `numpy.stack(list_of_inputs)`, or correct the
      number.
      """),
    Explanation(
      "no-such-input",
      """
      A tensor (`--input NAME=X.npy`, or `X.pb`) or a shape (`--shape NAME=1x2x3`) is given for a name
      that no input of the model has. Names are those in the model file, with all their
      slashes and colons; since they may contain an equals sign, the last one separates the
      name from what follows. A model with a single input needs no name for `--input`; with
      several, each needs its own, because nothing else says which file is for which input.

      `dovetail inspect MODEL` lists the inputs. Quote names that the shell would take
      apart.
      """),
    Explanation(
      "sample-type",
      """
      The data that a suite of `dovetail check` names hold samples along their first axis. Each must have
      the element type of the model's input and as many elements as it: for an input of
      `i8[1, 28, 28, 1]`, 300 samples are an int8 array of shape `[300, 28, 28]` or
      `[300, 28, 28, 1]`. Nothing is converted, as that would decide about scale and layout
      in your place.

      A quantized model takes the integers that it reads:
      `q = round(x / scale) + zeroPoint`, limited to the range of the type;
      `dovetail inspect MODEL` shows scale and zero point. Check also that the preprocessing
      gives the size and number of channels of the input.
      """),
    Explanation(
      "several-inputs",
      """
      A suite of `dovetail check` feeds each sample to the model's only input and takes the
      largest element of its first output as the answer. With several inputs, or none, one
      file of samples does not say what goes where.

      Make the other inputs constants of the model, or measure the accuracy with
      `dovetail evaluate`, which takes `--data NAME=X.npy` for each input and has a limit of
      its own, `--minimum`.
      """),
    Explanation(
      "too-much-memory",
      """
      To execute the model, this machine would have to hold more bytes than it has memory:
      for values that are in use at the same time, for inputs and outputs, for constants
      that are made of few bytes of the file, or for the noise that stands in for inputs
      that are not given. A limit that `ulimit` sets counts too. Rather than be stopped halfway by the system, the command
      does not begin. A small file can name tensors of any size, so this is also what a
      damaged file may look like.

      `inspect`, `compile` and `profile` need no such memory. Otherwise give smaller extents
      with `--shape`, a batch of 1 for example, or take a larger machine.
      """),
    Explanation(
      "unknown-id",
      """
      `dovetail explain` tells the story behind the id that stands in square brackets at the
      end of a message. There is no message with this id, perhaps because of a typing
      mistake, or because it comes from another version.

      `dovetail explain` without an id lists all there are.
      """),
  ]
}
