import Support

extension Explanation {
  /// States that outlive a run, and graphs within graphs.
  static let control: [Explanation] = [
    Explanation(
      "bad-condition",
      """
      `if` and `while` decide by a single truth value: of `if` it is the first operand, of
      `while` the only result of its condition. Here it is a tensor of several elements, or
      of another type than `bool`.

      Reduce the tensor to one element (`REDUCE_ANY`, `REDUCE_ALL`) or compare it with
      something before the decision, and export the model again.
      """),
    Explanation(
      "branch-results",
      """
      Which branch of an `if` is taken is known only when the model runs, but the types of
      its results are fixed beforehand. So both branches must give as many results, of the
      same shapes and element types.

      Pad or reshape the results of one branch to those of the other.
      """),
    Explanation(
      "call-counts",
      """
      An operator that stands for a whole subgraph hands its operands to the inputs of the
      subgraph, one by one, and takes its outputs as results. In this file the counts do
      not agree, so it is damaged, or the tool that wrote it has a mistake. Export the model
      again.
      """),
    Explanation(
      "endless-loop",
      """
      A `while` goes on as long as its condition holds, and this one still did after 2²⁰
      rounds, or is known to go on for longer. No loop in a model has so many; rather than
      hang, the command ends.

      Look at what the condition reads: perhaps the body does not change it, or the inputs
      are ones for which the loop does not end. Inputs that were not given are noise: give
      real ones with `--input`.
      """),
    Explanation(
      "loop-results",
      """
      Each round of a `while` works on the results of the round before. So its body must
      give as many results as it takes operands, each of the same shape and element type.
      A tensor that grows from round to round has no fixed shape.

      Give it its largest extents from the start, and count in a further operand how much
      of it is in use.
      """),
    Explanation(
      "no-state",
      """
      A line `next %name = %value` says what a state is to be in the next run. The name
      must be that of a state, which a line such as `%name = state(zeros) : f32[1, 8]`
      defines above it. What is no state cannot outlive a run: if it is an input, give it
      anew each time.
      """),
    Explanation(
      "no-variable-handle",
      """
      The operators `READ_VARIABLE` and `ASSIGN_VARIABLE` of TFLite name their variable by a
      handle, which must be the result of a `VAR_HANDLE` in the same subgraph. This operand
      is something else, for example a handle that came in as an input.

      Let each subgraph make its handles itself, from the variable's name.
      """),
    Explanation(
      "not-variable",
      """
      A recurrent operator keeps its state in operands of its own, from one run to the next.
      TFLite marks such tensors as variables, and this one is not marked: it is an input, a
      constant, or the result of another operator. Export the model again with a current
      converter.
      """),
    Explanation(
      "recursive-subgraph",
      """
      The subgraphs of a TFLite file may refer to each other, as branches, loops and calls.
      Here one refers to itself, through others or at once, or they refer to each other more
      than 64 levels deep, or branches and loops stand within each other more than 8 levels
      deep. A graph with fixed memory and latency cannot be made of that.
      """),
    Explanation(
      "state-type",
      """
      What a run hands on to the next takes the place of what it found itself: the next
      value of a state must have the shape and the element type of the state. Put the node
      that computes it right, or give the state the other type.
      """),
    Explanation(
      "states-in-subgraph",
      """
      A graph within a node, such as the body of a loop, is computed any number of times in
      a run, or not at all. A state of its own would have no one value between runs. Make it
      an operand and a result of the node, and a state of the graph around it.
      """),
    Explanation(
      "subgraph-inputs",
      """
      A node that decides or loops hands operands to the graphs within it: all operands of a
      `while`, and all but the first of an `if`. Each graph must have as many inputs, of the
      same shapes and element types, as the message lists.
      """),
    Explanation(
      "subgraph-out-of-range",
      """
      Operators that decide, loop or call name subgraphs by their place in the file's list,
      from 0. This number is beyond its end, so the file is damaged, or the tool that wrote
      it has a mistake. Export the model again.
      """),
    Explanation(
      "too-many-operators",
      """
      A subgraph is taken in anew for each operator that refers to it. In this file they
      refer to each other so often that more than 65536 operators would come of it; no real
      model does that. For functions and loops of ONNX files the limit is 2¹⁸ nodes.
      """),
    Explanation(
      "variable-not-constant",
      """
      `CALL_ONCE` names a subgraph that gives variables their first values. These must
      follow from constants, because they are part of the model as Dovetail sees it: a state
      with known bytes at the start. Here one depends on something else, such as another
      variable, or takes too long to compute. Initialize it by a constant.
      """),
    Explanation(
      "variable-type",
      """
      A variable has one shape and one element type for good: those with which it is read
      must be those with which it is assigned. The message names what differs. Reshape or
      cast the value before it is assigned.
      """),
    Explanation(
      "variables-in-branch",
      """
      A branch or a loop is computed any number of times in a run, or not at all. Variables
      that it reads or assigns would be a second way out of it, beside its results; that is
      not supported.

      Read variables before the branch and hand them in, hand the new value out as a result,
      and assign it behind the branch.
      """),
  ]
}
