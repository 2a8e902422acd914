import Support

extension Explanation {
  /// Target files.
  static let targets: [Explanation] = [
    Explanation(
      "bad-inheritance",
      """
      A target file with variants refers to one that it does not have: under `defaults`, or
      in the field `inherits`, by which a variant takes over what another one of its kind
      says. Or variants inherit each other in a circle, so that none comes first.

      Names are case-sensitive; compare with those under `configurations`, `systemConfigs`
      and `memoryModes`.
      """),
    Explanation(
      "bad-limit",
      """
      The limits on kernel, stride and dilation of a supported operator are a height and a
      width, both at least 1, as in `kernel: { maximum: [64, 64] }`. Layers beyond a limit
      run on the host processor.

      Write two numbers, also where they are equal. Where the hardware has no limit, leave
      the field out.
      """),
    Explanation(
      "bad-target",
      """
      The file is empty, or it is sound YAML but not a description of a target: a field is
      missing, has no value, is of another kind (a text where a number belongs), or has a
      value that is not among those allowed. Figures of the hardware have no defaults,
      because a figure that nobody gave would be a guess in every prediction.

      The message gives the path of the field, such as `array.microBlock.depth`. Start from
      a file in `Targets`, and give each figure with its source.
      """),
    Explanation(
      "buffer-too-small",
      """
      While the array works on a block, its inputs and its accumulators both lie in the
      buffer inside the NPU, and banks are handed out to them in whole granules. So, apart
      from the reserved banks, there must be at least `inputGranuleBanks` and
      `accumulatorGranuleBanks` together, or not even the smallest block could be computed.

      Check these figures against the manual: a bank count is easily taken for a size in
      bytes. If the figures are right, the granules are too coarse for this buffer.
      """),
    Explanation(
      "impossible-mode",
      """
      A system configuration may list under `modes` the memory modes that go with it. With
      flash behind a port, for instance, no mode can put values there, because nothing writes
      to flash while a network runs.

      Choose one of the memory modes that the message names, or a system configuration with
      other memories; `dovetail targets show TARGET` lists which go together.
      """),
    Explanation(
      "impossible-number",
      """
      A size, rate, extent or frequency of a target must be above 0 and below 2⁴⁰, and a
      latency must not be negative (the message shows it as `… + 1`, which must be above 0).
      With a bandwidth or a block of 0, nothing would ever finish, and times would become
      infinite or negative.

      Check the unit, which is part of the name: `clockMHz: 500`, not 500000000;
      `bytesPerCycle` counts cycles of the NPU's clock. A fraction is fine where a resource
      needs several cycles, such as `bytesPerCycle: 0.5`.
      """),
    Explanation(
      "no-micro-block",
      """
      Under `array.microBlocks`, a target lists the pieces of a result that the array can
      work on, for each kind of work: `dense`, `depthwise` and `pool`. One of these lists is
      empty, so such a layer could not be computed at all.

      Give at least one piece, as in `pool: [{ height: 2, width: 2, depth: 16 }]`. Where all
      kinds of work use the same piece, leave `microBlocks` out: `microBlock` is enough.
      """),
    Explanation(
      "no-energy-figures",
      """
      A program with the least energy can only be looked for where the target says what
      energy takes: `picojoulesPerByte` in each of its memories, and `picojoulesPerMac` in
      its array, with all that the NPU moves inside for a multiply-accumulate.

      Take the figures from the data sheets of the memories and the synthesis of the array,
      and give each with its source. Without them, `--objective traffic` comes close: bytes
      from outside of the chip mostly take more energy than anything else.
      """),
    Explanation(
      "no-memory-for-role",
      """
      Each memory says under `holds` what it is used for. Compiling needs one that holds
      `activations`, the values between layers, and one that holds `constants`, the weights;
      it may be the same. Other roles may be left out: without `stagedConstants`, weights
      are always read from where they are kept; without `spilledActivations`, all values must
      fit the memory for activations.

      Add the missing role to a memory, such as `holds: [activations, constants]`. If
      several memories have the same role, the first is taken.
      """),
    Explanation(
      "not-yaml",
      """
      A target file is YAML, and the parser could not read it as such at the given line.
      Most often the indentation is wrong: levels are indented by spaces, never by tabs, and
      fields of one level begin in the same column. A text with a colon or a `#` in it needs
      quotes.

      Correct the line or the one above it, and check with `dovetail targets lint FILE`.
      """),
    Explanation(
      "repeated-memory",
      """
      Reports, programs and messages name a memory by its name, so no two memories may share
      one. The buffer inside the NPU counts as a memory as well, and its name must differ,
      too.

      Rename one of them.
      """),
    Explanation(
      "spilled-in-place",
      """
      The role `spilledActivations` is for values that have no room in the memory that holds
      `activations`, such as a small SRAM in front of DRAM. Here one memory has both roles,
      so nothing could be moved out of the way.

      Give the role to another, larger memory; or leave it out, if values lie in one memory.
      """),
    Explanation(
      "unknown-supported-element",
      """
      Under `elements`, an operator lists the element types that the engine can take as the
      first operand: `f32`, `f16`, `bf16`, `i4`, `i8`, `u8`, `i16`, `i32`, `u32`, `i64` or `bool`.
      This is none of them, so no layer could ever match it.

      Write one of these, such as `i8` for `int8`.
      """),
    Explanation(
      "unknown-supported-operator",
      """
      Under `supports`, an engine lists the operators that it can run, by their names in the
      text form of graphs, such as `conv2d` or `average_pool2d`. There is no operator of
      this name, so the entry could never apply, and the layers it was meant for would be
      left to the host processor.

      Correct the name; `dovetail inspect --operators` lists them all.
      """),
    Explanation(
      "unknown-target",
      """
      A target is named in one of two ways. A name such as `ethos-u55-128` is searched for
      as `NAME/target.yaml`, and among the configurations of all files `target.yaml`, in the
      folder that the environment variable `DOVETAIL_TARGETS` names, in `Targets` in the
      folders above the executable, and in `Targets` in the current folder. Anything with a
      slash, or with the ending `.yaml`, is taken as the path of a file or of a folder that
      holds a `target.yaml`; `PATH#NAME` is a configuration in it.

      `dovetail targets` lists the names that are found. If it finds none, set
      `DOVETAIL_TARGETS`.
      """),
    Explanation(
      "unknown-target-field",
      """
      There is no field of this name at this place, most likely because it is misspelt or
      indented one level too far. It is not skipped: a limit written as `strides` instead of
      `stride` would then simply not hold, and layers would be placed on an engine that
      cannot run them.

      Compare with a file in `Targets`; units are part of the names, as in `bytesPerCycle`.
      What is only meant for readers belongs in a comment.
      """),
    Explanation(
      "unknown-variant",
      """
      A target may have variants: configurations of the NPU, which are the names of targets;
      system configurations (`--system-config`), the clock and the memories around it; and
      memory modes (`--memory-mode`), what each memory is for. The file has no variant of
      this kind and name, or no variants at all.

      The message lists those that there are; so does `dovetail targets show TARGET`.
      """),
  ]
}
