import GraphIR

extension Pipeline {
  /// What every model goes through before it is lowered.
  public static let standard: Pipeline = [
    .eliminateDeadNodes, .quantizeOperators, .foldConstants, .sinkTransposes, .eliminateTransposes,
    .eliminateReshapes, .foldPads, .mergeCommonSubexpressions, .fuseClamps,
  ]

  /// Which pass must run before which, and why; a test compares the standard pipeline with it.
  package static let order: [(pass: Pass, before: Pass, because: String)] = [
    (
      .eliminateDeadNodes, before: .foldConstants,
      because: "what nobody reads need not be computed"
    ),
    (
      .quantizeOperators, before: .foldConstants,
      because: "weights that are dequantized already have lost the integers to compute on"
    ),
    (
      .quantizeOperators, before: .sinkTransposes,
      because:
        "transposes of one operator meet those of the next only where nothing quantizes between"
    ),
    (
      .foldConstants, before: .eliminateTransposes,
      because: "a transpose of a constant is computed here, and need not be merged with others"
    ),
    (
      .sinkTransposes, before: .eliminateTransposes,
      because: "transposes cancel once nothing stands between them"
    ),
    (
      .eliminateTransposes, before: .eliminateReshapes,
      because: "a transpose that moves nothing hides from each other the reshapes around it"
    ),
    (
      .eliminateReshapes, before: .mergeCommonSubexpressions,
      because: "equal nodes look different while one of them reads through a reshape"
    ),
    (
      .foldConstants, before: .mergeCommonSubexpressions,
      because: "constants are found equal only after they are computed"
    ),
    (
      .eliminateTransposes, before: .foldPads,
      because: "a transpose may stand between the border and the convolution"
    ),
    (
      .sinkTransposes, before: .fuseClamps,
      because: "a transpose may stand between the convolution and the activation"
    ),
    (
      .mergeCommonSubexpressions, before: .fuseClamps,
      because: "what several equal activations read has one reader once they are merged"
    ),
  ]
}
