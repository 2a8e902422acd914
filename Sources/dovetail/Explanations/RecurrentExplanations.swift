import Support

extension Explanation {
  /// Layers that see what they computed before.
  static let recurrent: [Explanation] = [
    Explanation(
      "bad-clip",
      """
      A clip is the largest magnitude that the cells or the projected results of an LSTM
      layer can have, and 0 for none. This one is negative or not a number.

      Give a magnitude, or leave the attribute out.
      """),
    Explanation(
      "bad-svdf-rank",
      """
      The filters of an SVDF layer are dealt to its units, `rank` of them to each: 64 filters
      of rank 2 make 32 units. So the rank is at least 1, and divides the number of filters,
      which is the first extent of both weights.

      Look for the rank that the layer was trained with.
      """),
    Explanation(
      "basic-lstm-scale",
      """
      The older LSTM kernel of TFLite computes with unsigned bytes in one way only: input,
      result and their product's operands have the scale 1/128 and the zero point 128, the
      cells the scale 2⁻¹¹ and the zero point 0. This layer has another.

      Such layers come from tools of 2018 or before. Convert the model again with a current
      one, which writes `UNIDIRECTIONAL_SEQUENCE_LSTM`.
      """),
    Explanation(
      "function-count",
      """
      A layer over sequences names the functions behind its sums, as many as its kind has for
      each direction: one for a plain layer, two for gated recurrent units, three for an LSTM.
      If some have parameters, there are as many first and as many second ones, with 0 for
      functions that have none.

      Give as many, or leave the parameters out.
      """),
    Explanation(
      "layer-too-wide",
      """
      The inner loops of recurrent layers count in 32 bits, so no extent of an operand may be
      larger than 2²⁴. No layer that is of use comes near.

      If a shape was given with `--shape`, look for a digit too many in it.
      """),
    Explanation(
      "lstm-cell-scale",
      """
      An LSTM layer of integers keeps its cells in 16 bits as fixed-point numbers: their scale
      is a power of two, from 2⁻¹⁵ for cells within ±1 to 2⁻⁹ for cells within ±64, and their
      zero point is 0. TFLite's converter chooses the power by itself.

      Quantize the model again. If the cells reach beyond ±64, train with a clip.
      """),
    Explanation(
      "lstm-gate-scales",
      """
      An LSTM layer of integers with normalization needs to know in which steps the sums of
      its four gates are stored before they are normalized. A TFLite file tells that by
      intermediate tensors, the first four of the layer; here a scale is missing, or is not
      a positive number.

      Quantize the model again, and calibrate it with inputs that reach this layer.
      """),
    Explanation(
      "lstm-hidden-scale",
      """
      What an LSTM layer of integers projects, or gives as its result if it projects nothing,
      has a scale of its own. A TFLite file tells it by the last intermediate tensor of the
      layer; here it is missing, or is not a positive number, or the zero point does not fit
      in 8 bits.

      Quantize the model again, and calibrate it with inputs that reach this layer.
      """),
    Explanation(
      "lstm-intermediates",
      """
      Beside its operands, an LSTM layer of integers in a TFLite file names five intermediate
      tensors: those of the four gates, and one whose scale is that of the hidden values.
      This layer has another number of them. With twelve it is of a kind that rounds
      every product to 8 bits, which Dovetail does not compute; without any, the file is
      damaged.

      Quantize the model again with a current converter.
      """),
    Explanation(
      "mixed-operand-groups",
      """
      Some operands of a recurrent layer can be left out, but only in groups: peephole
      weights of all gates or of none, all operands of the input gate or none, a bias of a
      projection only with the projection, normalization of all gates or of none, and in
      both directions the same groups. Here an operand is there without its group, or is
      missing from it.

      Export the model again. If directions differ on purpose, make two layers of them.
      """),
    Explanation(
      "no-auxiliary-input",
      """
      A layer of two directions can have a second input, and weights by which both directions
      see it. Here the weights are there, but not the input.

      Give the input, or leave the weights out.
      """),
    Explanation(
      "state-size",
      """
      A recurrent layer keeps a state for each batch: of an LSTM layer one as wide as its
      result and one as wide as its cells, of others one as wide as the result. The operand
      that holds it has another number of elements.

      If another number of batches was asked for with `--shape`, the states of the file no
      longer fit: export the model for that number.
      """),
    Explanation(
      "svdf-activation",
      """
      The integer kernel of SVDF layers has no activation but what the scale of its result
      cuts off, and TFLite allows it for ReLU only.

      Train with ReLU, or leave this layer in floats.
      """),
    Explanation(
      "unknown-activation",
      """
      Recurrent layers of TFLite say by a number which function is behind their sums: 0 for
      none, 1 to 3 for ReLU and its kinds, 4 for the hyperbolic tangent, 5 for the sign bit.
      There is no other, so the file is damaged, or of a later version than this one of
      Dovetail.

      Export the model again.
      """),
  ]
}
