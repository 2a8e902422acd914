import Foundation
import Support

extension Profile {
  /// How far a layer is from the same layer of another model.
  public struct LayerError: Codable, Hashable, Sendable {
    /// Signal to noise of its result in a run, in dB; null where there is no noise.
    @ExplicitNull public var sqnrDecibels: Double?
    /// The same where its operands are the other model's: what the layer adds by itself.
    @ExplicitNull public var aloneDecibels: Double?
    /// Of both results taken as vectors.
    @ExplicitNull public var cosine: Double?
  }

  /// Adds to each layer what an evaluation found of it.
  ///
  /// - Parameter path: of the JSON that `dovetail evaluate --against OTHER --json` wrote.
  /// - Throws: a `Diagnostic` if the file cannot be read, is no evaluation, or one of another model.
  public mutating func addAccuracy(reading path: String) throws {
    let evaluation = try EvaluationFile(path)
    try locating(in: Diagnostic.Place(file: path)) {
      guard evaluation.model.sha256 == model.sha256 else {
        throw Diagnostic(
          .badEvaluation("it was made of another model file, `\(evaluation.model.name)`"),
          help: "evaluate the model that is profiled")
      }
      guard let accuracy = evaluation.layerAccuracy else {
        throw Diagnostic(
          .badEvaluation("it has no layers"), help: "evaluate with `--against OTHER --json FILE`")
      }
      add(accuracy)
    }
  }

  /// Layers are the same if their results have the same name, or they do the work of the same operator.
  mutating func add(_ accuracy: LayerAccuracyReport) {
    let byName = Dictionary(grouping: accuracy.layers, by: \.name)
    let bySource = accuracy.layers.reduce(into: [Source: LayerAccuracyReport.Layer]()) {
      for source in $1.sources { $0[source] = $1 }
    }
    for index in layers.indices {
      let named = byName[layers[index].name] ?? []
      let layer =
        named.count == 1
        ? named[0] : layers[index].sources.reversed().compactMap { bySource[$0] }.first
      layers[index].accuracy = layer.map(LayerError.init)
    }
  }

  /// What layers add by themselves, as a column of pages; nil where nothing was measured.
  public var layerAccuracy: LayerAccuracy? {
    guard hasAccuracy else { return nil }
    return LayerAccuracy(
      title: "SQNR alone, dB", values: layers.map { $0.accuracy?.aloneDecibels })
  }

  /// Whether something was measured.
  var hasAccuracy: Bool { layers.contains { $0.accuracy != nil } }
}

extension Profile.LayerError {
  fileprivate init(_ layer: LayerAccuracyReport.Layer) {
    self.init(
      sqnrDecibels: layer.run.sqnrDecibels, aloneDecibels: layer.alone.sqnrDecibels,
      cosine: layer.run.cosine)
  }

  /// `28.2`: what the layer adds by itself; empty without noise.
  var text: String { aloneDecibels.map { String(format: "%.1f", $0) } ?? "" }
}

/// What of an evaluation's JSON profiles need.
private struct EvaluationFile: Decodable {
  let schema: String
  let model: Profile.ModelReference
  let layerAccuracy: LayerAccuracyReport?

  init(_ path: String) throws {
    let file = try FileBytes(mapping: path)
    let data = withExtendedLifetime(file) { Data(file.bytes) }
    self = try locating(in: Diagnostic.Place(file: path)) {
      do {
        return try JSONDecoder().decode(Self.self, from: data)
      } catch let error as DecodingError {
        throw Diagnostic(
          .badEvaluation(error.sentence), help: "it is what `dovetail evaluate --json` writes")
      }
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func badEvaluation(_ problem: String) -> Self {
    Self(id: "bad-evaluation", .malformed, "does not fit the profile: \(problem)")
  }
}
