import Support

extension Explanation {
  /// What must hold in every graph, and what passes may not break.
  static let graphs: [Explanation] = [
    Explanation(
      "bad-value",
      """
      An input or a constant of the graph contradicts its own type: the quantization does
      not fit (a scale that is not positive and finite, a zero point that the element type
      cannot hold, a count or an axis that does not fit the shape), or a constant has
      another number of bytes than its type asks for.

      Correct the type in the text; `real = (integer − zeroPoint) · scale` must have a
      meaning for each element. In a graph that comes from a model file without any editing,
      it is a mistake of Dovetail: please report it with the model.
      """),
    Explanation(
      "broken-graph",
      """
      This is a mistake of Dovetail, not of your model: after this pass the graph no longer
      holds what every graph must hold, and the message says what. A result computed from it
      could be wrong, so the work ends here.

      `--disable PASS` leaves the pass out; the result is right without it, perhaps slower.
      Please report the mistake with the command line, the output of `dovetail --version`,
      the model, and what `dovetail passes run MODEL --print-after` prints up to the failing
      pass.
      """),
    Explanation(
      "changed-results",
      """
      This is a mistake of Dovetail, not of your model: `passes run --verify` computed the graph
      before and after the pass on the same random inputs, and the value that the message names
      is not the same. Exact passes must keep every bit; those that `dovetail passes list` calls
      approximate may move real numbers by a hundred-thousandth of the range of their tensor, and
      what is computed on integers may differ by some steps.

      An approximate pass can also fail here without a mistake, where a network makes large
      differences of small ones: logarithms of nearly nothing, differences of nearly equal
      numbers. Look at the value, and try another `--seed`. Else `--disable PASS` leaves the pass
      out; please report the mistake with the command line, the output of `dovetail --version`,
      and the model.
      """),
    Explanation(
      "endless-rewriting",
      """
      This is a mistake of Dovetail, not of your model: a pass applies its rules until none
      of them changes the graph any more, and after more rounds than the graph has nodes
      they still do. Probably two rules undo each other's work.

      `--disable PASS` leaves the pass out; the result is right without it, perhaps slower.
      Please report the mistake with the command line, the output of `dovetail --version`,
      the name of the pass, and the model or its text from `dovetail inspect MODEL --graph`.
      """),
    Explanation(
      "read-before-definition",
      """
      The nodes of a graph are computed in their order, and this one reads a value, or the
      graph returns one, whose own node comes later or is not there. It would read whatever
      happens to be in memory.

      Move the node that computes the value up. If two nodes read each other's results,
      there is no right order: a loop must be unrolled, or its state made an input and an
      output. If you did not write the graph yourself, it is a mistake of Dovetail: please
      report it with the model and the command line.
      """),
    Explanation(
      "repeated-node",
      """
      This is a mistake of Dovetail, not of your model: in the list that gives the order of
      computation, one node stands twice. It would be computed twice, and its result
      overwritten while others may still read it.

      Please report it with the command line, the output of `dovetail --version`, and the
      model, or the text that `dovetail inspect MODEL --graph` prints for it if the model
      cannot be shared.
      """),
    Explanation(
      "repeated-source",
      """
      Each operator of the model file stands in exactly one node of the graph, or among
      those that were eliminated; reports divide time and traffic among operators by that,
      and would count this one twice. In a text that you wrote, two nodes have the same
      `from KIND INDEX`: remove one, or number them differently.

      If you did not write the text yourself, it is a mistake of Dovetail. Please report it
      with the command line, the output of `dovetail --version`, and the text or the model.
      """),
    Explanation(
      "stale-uses",
      """
      This is a mistake of Dovetail, not of your model: each value keeps a list of the nodes
      that read it, and this list does not agree with what the nodes say. Passes rely on it
      to tell whether a result is still needed, and could remove one that is.

      Please report it with the command line, the output of `dovetail --version`, and the
      model, or the text that `dovetail inspect MODEL --graph` prints for it if the model
      cannot be shared.
      """),
    Explanation(
      "wrong-definition",
      """
      This is a mistake of Dovetail, not of your model: a node claims a result that says it
      comes from another node, or from none. Passes that ask where a value comes from would
      then change the wrong node.

      Please report it with the command line, the output of `dovetail --version`, and the
      model, or the text that `dovetail inspect MODEL --graph` prints for it if the model
      cannot be shared.
      """),
  ]
}
