import GraphIR

extension Pipeline {
  /// What every model goes through before it is lowered. Real numbers keep every bit.
  public static let standard: Pipeline = [
    .eliminateDeadNodes, .quantizeOperators, .foldConstants, .sinkTransposes, .moveReshapes,
    .eliminateTransposes, .eliminateReshapes, .foldPads, .mergeCommonSubexpressions,
    .mergeBranches, .fuseBias, .fuseClamps,
  ]

  /// The standard pipeline with all passes that change last digits of real numbers: for speed, and to see a model as it was
  /// meant.
  public static let approximate: Pipeline = [
    .eliminateDeadNodes, .quantizeOperators, .foldConstants, .recoverGELU, .recoverSwish,
    .recoverHardSwish, .recoverSoftmax, .recoverLogSoftmax, .recoverL2Norm,
    .recoverLayerNormOfSquares, .recoverLayerNorm, .recoverRMSNorm, .recoverRotaryEmbedding,
    .recoverAttention, .sinkTransposes, .sinkTransposesPastSums, .moveReshapes,
    .eliminateTransposes, .eliminateReshapes, .foldPads, .mergeCommonSubexpressions,
    .mergeBranches, .fuseBias, .foldBatchNorm, .foldResidualAdd, .mergeConvolutions,
    .fuseClamps,
  ]

  /// What a graph of real numbers goes through before it is quantized.
  ///
  /// Each number that stands between two operators is to be rounded to a step of 8 bits: there should be few of them. So
  /// channels are scaled in weights, and functions found that integer hardware has tables or kernels for: hard swish, GELU,
  /// softmax and its logarithm, L2 normalization. Swish and attention have no form for integers and stay in parts that have
  /// one. Layer and RMS normalization have none either, but no 8 bits hold squares beside their roots: they are found, and
  /// computed with real numbers.
  public static let quantization: Pipeline = [
    .eliminateDeadNodes, .foldDequantize, .foldConstants, .recoverGELU, .recoverHardSwish,
    .recoverSoftmax, .recoverLogSoftmax, .recoverL2Norm, .recoverLayerNormOfSquares,
    .recoverLayerNorm, .recoverRMSNorm, .sinkTransposes, .sinkTransposesPastSums, .moveReshapes,
    .eliminateTransposes, .eliminateReshapes, .foldPads, .mergeCommonSubexpressions,
    .mergeBranches, .fuseBias, .foldBatchNorm, .foldResidualAdd, .mergeConvolutions,
    .fuseClamps,
  ]
}
