extension QuantizationMethod {
  /// Chooses for each weight of a layer to which of its neighbouring steps it is rounded, so that the layer's sums, not its
  /// weights, are nearest to those of the real network.
  ///
  /// The same error as that of `gptq`, `(w − ŵ) · H · (w − ŵ)ᵀ`, is lowered over roundings. AdaRound relaxes the choice and
  /// descends by gradients; here it stays discrete: from the roundings that `gptq` finds, weights are changed by steps, one at a time,
  /// while that lowers the error, which with `g = (w − ŵ) · H` changes by `δ² · Hⱼⱼ − 2δ · gⱼ`. Then the two weights of an output
  /// channel that win most together are changed, and all are tried again, up to 16 times. There is nothing to tune.
  ///
  /// Source: Nagel et al., "Up or Down? Adaptive Rounding for Post-Training Quantization", arXiv 2004.10568.
  ///
  /// What is gained, as `Scripts/benchmark quantization` measures it (signal to noise at the logits in dB, and top-1 in %, where
  /// there are labels; `w4a8` with scales by `mse`):
  ///
  /// | network, scheme | nearest | `gptq` | `adaround` |
  /// |---|---|---|---|
  /// | EfficientNet-Lite0 `int8` | 15.9 | 24.4 | 24.2 |
  /// | ResNet-8 `int8` | 31.0, 76.45 | 34.1, 76.15 | 34.2, 76.10 |
  /// | ResNet-8 `w4a8` | 9.1, 56.65 | 23.3, 75.65 | 23.3, 76.75 |
  /// | visual wake words `int8` | 24.3 | 28.5 | 28.6 |
  /// | visual wake words `w4a8` | 6.2 | 16.0 | 16.3 |
  /// | MNIST-8 `int8` | 36.2, 99.36 | 36.8, 99.34 | 36.8, 99.34 |
  /// | MNIST-8 `w4a8` | 19.1, 98.96 | 25.3, 99.34 | 25.7, 99.32 |
  /// | keyword spotting `int8` | 24.2, 88.57 | 23.8, 87.14 | 23.9, 87.86 |
  /// | keyword spotting `w4a8` | 15.5, 86.43 | 19.8, 86.43 | 19.9, 85.71 |
  ///
  /// It takes up to six times as long as `gptq` (154 s instead of 27 s for EfficientNet-Lite0 on a shared machine), and pays where
  /// weights have few bits.
  public static let adaround = QuantizationMethod(
    "adaround", "choose the rounding of each weight by the sums of its layer",
    .stored { model, context in try model.fitLayers(context, .descent) })
}
