import GraphIR

extension Pipeline {
  /// Which pass must run before which, and why; a test compares the pipelines with it.
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
    (
      .recoverLayerNorm, before: .sinkTransposesPastSums,
      because: "means are along the last axes as long as transposes stay where they are"
    ),
    (
      .sinkTransposes, before: .moveReshapes,
      because: "a transpose between a reshape and its reader keeps the two apart"
    ),
    (
      .moveReshapes, before: .eliminateReshapes,
      because: "reshapes merge once nothing stands between them"
    ),
    (
      .moveReshapes, before: .fuseClamps,
      because: "a reshape may stand between the convolution and the activation"
    ),
    (
      .foldPads, before: .mergeBranches,
      because: "branches are alike only once each has its padding"
    ),
    (
      .fuseBias, before: .fuseClamps,
      because: "offsets stand between the convolution and the activation"
    ),
    (
      .fuseBias, before: .foldBatchNorm,
      because: "a first offset as the bias keeps every bit"
    ),
    (
      .foldDequantize, before: .foldBatchNorm,
      because: "factors go into weights that are real numbers"
    ),
    (
      .recoverHardSwish, before: .foldBatchNorm,
      because: "its factor 1/6 must not go into the weights behind it"
    ),
    (
      .recoverHardSwish, before: .fuseClamps,
      because:
        "limits are found by themselves as well as in a sum, but not where a convolution has them"
    ),
    (
      .recoverLayerNormOfSquares, before: .recoverLayerNorm,
      because: "factors and offsets behind it are found by the other"
    ),
    (
      .recoverLayerNorm, before: .sinkTransposes,
      because: "means are along the last axes as long as transposes stay where they are"
    ),
    (
      .recoverLayerNorm, before: .foldBatchNorm,
      because: "factors and offsets of rows belong to the normalization"
    ),
    (
      .recoverAttention, before: .foldBatchNorm,
      because: "the scale of products must not go into the weights of queries"
    ),
    (
      .foldBatchNorm, before: .foldResidualAdd,
      because: "factors of a branch stand between its convolution and the sum"
    ),
    (
      .foldResidualAdd, before: .fuseClamps,
      because: "the sum stands between the convolution and the activation"
    ),
    (
      .foldBatchNorm, before: .mergeConvolutions,
      because: "factors stand between two convolutions"
    ),
    (
      .foldBatchNorm, before: .fuseClamps,
      because: "factors stand between the convolution and the activation"
    ),
  ]
}
