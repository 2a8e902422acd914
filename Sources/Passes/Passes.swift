import GraphIR

extension Pass {
  /// Every pass there is. A new one is a file, and a line here.
  public static let all: [Pass] = [
    .eliminateDeadNodes,
    .eliminateReshapes,
    .eliminateTransposes,
    .foldBatchNorm,
    .foldConstants,
    .foldDequantize,
    .foldPads,
    .foldResidualAdd,
    .fuseBias,
    .fuseClamps,
    .mergeBranches,
    .mergeCommonSubexpressions,
    .mergeConvolutions,
    .moveReshapes,
    .quantizeOperators,
    .recoverAttention,
    .recoverGELU,
    .recoverHardSwish,
    .recoverL2Norm,
    .recoverLayerNorm,
    .recoverLayerNormOfSquares,
    .recoverLogSoftmax,
    .recoverRMSNorm,
    .recoverRotaryEmbedding,
    .recoverSoftmax,
    .recoverSwish,
    .sinkTransposes,
    .sinkTransposesPastSums,
  ]
}
