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
  /// What is gained, as `dovetail evaluate --against` prints it for the data of `Scripts/benchmark quantization` (signal to noise of
  /// the output in dB, and top-1 in %, where there are labels; ranges by `min-max`):
  ///
  /// | network, scheme | nearest | `gptq` | `adaround` |
  /// |---|---|---|---|
  /// | ResNet-8 `int8` | 24.9, 76.45 | 27.7, 76.40 | 27.9, 75.85 |
  /// | ResNet-8 `w4a8` | 1.1, 47.00 | 15.0, 75.25 | 15.1, 75.55 |
  /// | visual wake words `int8` | 30.9 | 34.6 | 34.1 |
  /// | visual wake words `w4a8` | 15.7 | 21.6 | 21.5 |
  /// | MNIST-8 `int8` | 38.3, 99.36 | 39.2, 99.36 | 39.2, 99.36 |
  /// | MNIST-8 `w4a8` | 19.5, 99.24 | 24.8, 99.30 | 24.8, 99.36 |
  /// | keyword spotting `int8` | 26.2, 88.57 | 27.5, 87.86 | 26.3, 88.57 |
  /// | keyword spotting `w4a8` | 10.3, 85.00 | 19.0, 89.29 | 15.6, 86.43 |
  /// | EfficientNet-Lite0 `int8` | 15.9 | 23.6 | |
  ///
  /// It takes several times as long as `gptq`, and pays where weights have few bits.
  public static let adaround = QuantizationMethod(
    "adaround", "choose the rounding of each weight by the sums of its layer",
    .stored { model, context in try model.fitLayers(context, .descent) })
}
