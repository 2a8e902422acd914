import Support

extension Explanation {
  /// Program files, and the devices that run them.
  static let programFiles: [Explanation] = [
    Explanation(
      "bad-program-file",
      """
      A program file (.dvp) breaks the rules of its format: an offset points outside of the
      file, a name is no text, a number is one that cannot be, or two parts of the file
      contradict each other. The message names the field, as
      `Sources/ProgramSchema/program.fbs` calls it; `loads[3]` is the fourth element of a
      vector. Or some byte of it was changed that breaks no rule, such as one of weights: then
      the file's checksum tells, and not where. Nothing of the program was run.

      Most often such a file was cut off or changed on its way. Compile the model again, or
      copy the file again and compare its size and digest with those of the original.
      """),
    Explanation(
      "device-failed",
      """
      The library that was given with `--device` was loaded, but the device in it said that
      it cannot run the program, or that something went wrong while it did. What stands
      after the colon is the device's own reason.

      To see whether it is the program or the device, run the same file without `--device`:
      the simulator then executes it. A device may support less than the whole set of
      commands; `dovetail inspect FILE.dvp` counts those of a program by kind.
      """),
    Explanation(
      "device-version",
      """
      Devices are shared libraries that implement `dovetail_device.h`. The header carries a
      version, and the library was compiled with another one than this release of Dovetail
      has. Their structs may differ, so no further function of it was called.

      Compile the device again with the header of this release, and read in it what has
      changed.
      """),
    Explanation(
      "newer-program",
      """
      Program files carry the version of their format. This one has a version that came
      after this release of Dovetail: it may hold commands or meanings that are not known
      here, so nothing of it is used.

      Use the release that wrote the file, or a later one, or compile the model again with
      this release.
      """),
    Explanation(
      "no-device",
      """
      What was given with `--device` is no device that can be used: the file is not there,
      is no shared library for this machine, needs other libraries that are missing, or
      lacks a function that every device has to export.

      A device is a shared library that implements `dovetail_device.h`. The folder
      `Examples/device` has one in C with the script that builds it:
      `Examples/device/build libdevice.so`, then `--device ./libdevice.so`. Functions of a
      library in C++ need `extern "C"`, which the header brings along.
      """),
    Explanation(
      "not-a-program",
      """
      The name of the file ends in `.dvp`, but the file is no compiled program: its bytes 4
      to 7 are not `DVTP`. It may be empty, cut off at its very start, or of another kind.

      `dovetail compile MODEL --target T -o FILE.dvp` makes a program of a model.
      """),
    Explanation(
      "other-target",
      """
      A compiled program holds the description of the target for which it was made: its
      addresses, blocks and dependencies are right for that one alone. `--target` names
      another target, or one of the same name whose file has changed since.

      Leave out `--target` to use the program as it is, or compile the model for the target
      that you mean. `dovetail inspect FILE.dvp` shows name and digest of the target.
      """),
    Explanation(
      "program-too-large",
      """
      Program files are FlatBuffers, in which distances have 31 bits, so a file holds less
      than 2 GiB. The constants of this model, as the target wants them, and its commands
      together are more.

      The model can still be profiled, or run with `--target`, which needs no file in
      between. To get a program file, make the model smaller: weights of 8 bits take a
      quarter of what floats take.
      """),
    Explanation(
      "unknown-in-program",
      """
      A program file is of a version that is known here, and yet it has a kind of command,
      an element type, or a value of some other list that is not. It was written by a
      release or a tool that goes beyond the format, or the file is damaged.

      Use the release that wrote the file, or compile the model again with this one.
      """),
  ]
}
