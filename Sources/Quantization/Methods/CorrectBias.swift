extension QuantizationMethod {
  /// Shifts what each channel of a weighted layer gives by what quantization has shifted it, on the average.
  ///
  /// With weights `W` and inputs `x` of the real network, `Ŵ` and `x̂` of the quantized one, and means over columns of inputs:
  /// `bias += mean(W · x − Ŵ · x̂)`, where `x̂` comes from layers before that are corrected already (`LayerWalk`). Only first moments
  /// of the inputs are needed.
  ///
  /// A channel keeps its bias where the shift does not lower the error on samples that it was not learned from, and where the error
  /// in the middle is clearly less than three quarters of the mean (`MiddleError`): there errors grow with what they are errors of,
  /// and a shift would spoil all that is small (face detection, `int8`: 52.5 % right).
  ///
  /// Measured as by `Scripts/benchmark quantization`, SQNR of the scores in dB without and with it: VWW with int8 24.3 and 26.6, with
  /// w4a8 and scales by `mse` 6.2 and 8.6; keyword spotting 24.2 and 24.2, with w4a8 15.5 and 19.2; face detection 5.2 and 5.6
  /// (96.5 % and 99.0 % right).
  ///
  /// Source: Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias Correction", 2019 (arXiv 1906.04721),
  /// section 4.2, the empirical form.
  public static let correctBias = QuantizationMethod(
    "correct-bias", "biases make up for what quantization adds to the mean of a channel",
    needsBiases: true,
    .stored { model, context in try model.fitLayers(context, .nearest) })
}
