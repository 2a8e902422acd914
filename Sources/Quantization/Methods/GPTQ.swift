extension QuantizationMethod {
  /// Rounds the weights of a layer one after the other, and lets those that are left make up for each error.
  ///
  /// An output channel has the error `(w − ŵ) · H · (w − ŵ)ᵀ`, where H are the second moments of the layer's inputs
  /// in the quantized network and w the weights that suit these inputs best (`LayerFit`). With `H = UᵀU` weights are
  /// rounded from the last to the first:
  /// `ŵⱼ = round((wⱼ + Σ_{k>j} Uⱼₖ · (wₖ − ŵₖ) / Uⱼⱼ) / scaleⱼ)`, with the inputs of most energy last in that order.
  /// That gives what elimination by the inverse of H does, without an inverse. Layers are taken one by one, each with
  /// the inputs that those before it give after they were rounded (`LayerWalk`). Biases are set so that means are kept.
  ///
  /// It is meant to do no harm: one of four samples is not fitted to, and by these each layer keeps the nearest roundings where the
  /// others are not better, and each channel its bias (`LayerChoice`). Columns that are far louder than most count less
  /// (`LayerSamples`). Layers that give the outputs make up for their own rounding alone, not for what their inputs lost: of scores
  /// the small ones decide, and the large ones would be fitted at their cost (face detection, `int8`: 62 % right;
  /// as it is 98.0, with nearest roundings 96.0).
  ///
  /// It is what `quantize` does unasked (`standard`). With it, EfficientNet-Lite0 and 32 samples take about two and a half times as
  /// long as with nearest roundings, errors of layers included.
  ///
  /// Sources: Frantar et al., "GPTQ: Accurate Post-Training Quantization for Generative Pre-trained Transformers",
  /// arXiv 2210.17323; for the form with a triangle, Babai, "On Lovász' lattice reduction and the nearest lattice point
  /// problem", Combinatorica 6, 1986.
  ///
  /// Gains, as `Scripts/benchmark quantization` measures them, are beside those of `adaround`.
  public static let gptq = QuantizationMethod(
    "gptq", "round weights in turn, the rest of a channel makes up for each error",
    .stored { model, context in try model.fitLayers(context, .inTurn) })
}
