import Support

extension Explanation {
  /// Compiled programs.
  static let programs: [Explanation] = [
    Explanation(
      "bad-program",
      """
      In a program file of yours it means that the file is damaged, or was not written by
      Dovetail. Else it is a mistake of Dovetail, not of your model: the compiler made a
      command that contradicts itself. It belongs to a layer that does not exist, waits for
      a command that comes after it, or reads or writes a piece of memory that does not have
      the size of its shapes. A device would do something undefined, so the program is not
      run.

      Please report it with the command line, the output of `dovetail --version`, the
      target, and the model; where the model cannot be shared, the text from
      `dovetail inspect MODEL --graph` is enough, as the weights play no part in it.
      """),
    Explanation(
      "does-not-fit",
      """
      The graph needs more of a memory than the target has. Values between layers lie in the
      memory for activations from the moment they are computed until they are last read;
      constants lie, as weights and scales of each channel, in the memory for constants.
      Where whole values do not fit, layers take turns, rows by rows, and values go to a
      slower memory if the target has one for them; here that was not enough.

      For values, the place is the operator at which most bytes are in use, and the help
      names what lies there then, the largest first. It also says the least memory that was
      found to do, for `--sram`, and the memory modes of the target in which the model fits.
      Without either, lower the resolution or the channel count where the graph is widest,
      usually at its beginning, or avoid long skip connections, which keep values alive. For
      constants, quantize the weights, since `f32` takes four times as much as `i8`, or make
      the model smaller. Or take a target with more memory.
      """),
    Explanation(
      "hazard",
      """
      In a program file of yours it means that the file is damaged, or was not written by
      Dovetail. Else it is a mistake of Dovetail, not of your model: the engines of an NPU
      work side by side, and only the dependencies between commands keep them in order. Here
      a command reads what another writes, or overwrites what another reads or writes,
      without waiting for it, directly or through others. Which of the two is first would be
      a matter of luck, so the program is not run.

      Please report it with the command line, the output of `dovetail --version`, the
      target, and the model; where the model cannot be shared, the text from
      `dovetail inspect MODEL --graph` is enough, as the weights play no part in it.
      """),
    Explanation(
      "out-of-bounds",
      """
      In a program file of yours it means that the file is damaged, or was not written by
      Dovetail. Else it is a mistake of Dovetail, not of your model: a command reads or
      writes beyond the part of a memory that was planned for the program. On hardware it
      would overwrite foreign data, so the program is not run.

      Please report it with the command line, the output of `dovetail --version`, the
      target, and the model; where the model cannot be shared, the text from
      `dovetail inspect MODEL --graph` is enough, as the weights play no part in it.
      """),
    Explanation(
      "reads-unwritten",
      """
      In a program file of yours it means that the file is damaged, or was not written by
      Dovetail. Else it is a mistake of Dovetail, not of your model: a command reads a byte
      that neither the constants, nor the inputs, nor any command before it has written. It
      would compute with whatever was left there, and give other results on each run, so the
      program is not run.

      Please report it with the command line, the output of `dovetail --version`, the
      target, and the model; where the model cannot be shared, the text from
      `dovetail inspect MODEL --graph` is enough, as the weights play no part in it.
      """),
    Explanation(
      "unwritten-output",
      """
      In a program file of yours it means that the file is damaged, or was not written by
      Dovetail. Else it is a mistake of Dovetail, not of your model: all commands are sound,
      but together they leave an output of the model, or a part of it, unwritten, so its
      content would be left to chance. The program is not run.

      Please report it with the command line, the output of `dovetail --version`, the
      target, and the model; where the model cannot be shared, the text from
      `dovetail inspect MODEL --graph` is enough, as the weights play no part in it.
      """),
  ]
}
