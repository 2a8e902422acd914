import Foundation
import Importing

/// What quantization did to a network: bytes, and the error of each layer on the samples.
public struct QuantizationReport: Encodable, Sendable {
  /// By which readers of the JSON know its form; the number grows when fields change their meaning.
  public let schema = "dovetail.quantization/1"
  /// The network that was quantized.
  public let model: Profile.ModelReference
  /// Of layers for which nothing else was said.
  public let scheme: String
  /// Those that were used, by name.
  public let methods: [String]
  /// By how much methods that fit weights brought outputs nearer to the real ones, on samples that nothing was fitted to;
  /// nil if none did.
  public let fitGainDecibels: Double?
  /// How many it was calibrated with.
  public let samples: Int
  /// How many of them layers were compared on.
  public let comparedSamples: Int
  /// Whether samples were seeded noise.
  public let isNoise: Bool
  /// Of all weights that are stored, in single precision.
  public let originalWeightBytes: Int
  /// The same as they are stored, without scales.
  public let weightBytes: Int
  /// How far each layer is from that of real numbers.
  public let layers: LayerAccuracyReport

  private enum CodingKeys: String, CodingKey {
    case schema, model, scheme, methods, fitGainDecibels, samples, comparedSamples, isNoise
    case originalWeightBytes, weightBytes, layers
  }

  /// - Parameter weightBytes: before and after.
  public init(
    _ model: Model, scheme: String, methods: [String], fitGainDecibels: Double? = nil, samples: Int,
    comparedSamples: Int, isNoise: Bool, weightBytes: (before: Int, after: Int),
    layers: LayerAccuracyReport
  ) {
    self.model = Profile.ModelReference(
      name: model.name, format: model.format, sha256: model.sha256)
    self.scheme = scheme
    self.methods = methods
    self.fitGainDecibels = fitGainDecibels
    self.samples = samples
    self.comparedSamples = comparedSamples
    self.isNoise = isNoise
    originalWeightBytes = weightBytes.before
    self.weightBytes = weightBytes.after
    self.layers = layers
  }

  /// For the terminal.
  ///
  /// - Parameter width: in columns.
  public func text(width: Int) -> String {
    let kind = isNoise ? "samples of noise" : "samples"
    let ways = methods.isEmpty ? "" : ", with \(methods.joined(separator: ", "))"
    var lines = [
      "\(Escaping.terminal(model.name)): \(scheme)\(ways), calibrated with \(samples) \(kind)",
      "weights: \(Figures.grouped(weightBytes)) bytes of \(Figures.grouped(originalWeightBytes))",
    ]
    if let gain = fitGainDecibels {
      lines.append(
        // A gain of nothing has no sign.
        String(
          format: "fitted weights: outputs %.1f dB nearer, on samples held out",
          (10 * gain).rounded() / 10 + 0))
    }
    if let last = layers.layers.last?.run.sqnrDecibels {
      let part = comparedSamples < samples ? ", on \(comparedSamples) of them" : ""
      lines.append(String(format: "last layer: %.1f dB above its noise", last) + part)
    }
    return lines.joined(separator: "\n") + "\n" + LayerAccuracyText(layers, width: width).text
  }
}
