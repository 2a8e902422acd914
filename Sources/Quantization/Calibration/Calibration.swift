import Evaluation
import GraphIR
import Support
import Tensors

/// What was seen of values on sample inputs, from which their ranges follow for any scheme.
public struct Calibration: Sendable {
  private let observers: [ValueID: RangeObserver]

  /// Inputs of a graph, made when they are asked for.
  public struct Inputs: Sendable {
    /// How many sets there are.
    public let count: Int
    /// One tensor for each input of the graph.
    public let at: @Sendable (Int) throws -> [Tensor]

    /// - Parameter at: may be called several times for one index.
    public init(count: Int, at: @escaping @Sendable (Int) throws -> [Tensor]) {
      (self.count, self.at) = (count, at)
    }
  }

  /// Runs a graph on samples and observes some of its values; memory does not grow with the number of samples.
  ///
  /// - Parameters:
  ///   - values: of `f32`.
  ///   - scaled: those of them that must be finite; of the others, samples that are not are left out.
  ///   - method: how a range is chosen from what was seen.
  ///   - progress: told after each sample.
  /// - Throws: a `Diagnostic` if there are no samples, or a value is not finite.
  init(
    _ graph: Graph, _ inputs: Inputs, of values: Set<ValueID>, scaled: Set<ValueID>,
    _ method: RangeMethod, workers: Workers = .one, progress: () -> Void = {}
  ) throws {
    guard inputs.count > 0 else { throw Diagnostic(.noSamples()) }
    let evaluator = try Evaluator(graph, keeping: .everything)
    // In a fixed order, so that of several faults the same one is told.
    var observers = values.sorted().map {
      ($0, RangeObserver(graph.inputs.contains($0) ? method : method.withinNetwork))
    }
    for index in 0..<inputs.count {
      evaluator.reset()
      try evaluator.run(inputs.at(index), workers: workers)
      for position in observers.indices {
        let value = observers[position].0
        let numbers = evaluator.bytes(of: value).bindMemory(to: Float.self)
        do { try observers[position].1.observe(numbers) } catch let diagnostic as Diagnostic {
          guard scaled.contains(value) else { continue }
          throw Diagnostic(
            .notFinite(graph.values[value].name, sample: index, diagnostic.message.text),
            help: "look at the model's weights, and whether the data are prepared as in training")
        }
      }
      progress()
    }
    self.observers = Dictionary(uniqueKeysWithValues: observers)
  }

  /// Whether all of these values were observed.
  func covers(_ values: some Sequence<ValueID>) -> Bool {
    values.allSatisfy { observers[$0] != nil }
  }

  /// The ranges to be stored of values, each by its scheme; none of what was not observed.
  func ranges(for schemes: [ValueID: TensorScheme]) -> [ValueID: ClosedRange<Float>] {
    schemes.reduce(into: [:]) { ranges, entry in
      ranges[entry.key] = observers[entry.key]?.range(for: entry.value)
    }
  }
}

extension RangeObserver {
  /// The range to be stored; floats have room for the extremes.
  fileprivate func range(for scheme: TensorScheme) -> ClosedRange<Float>? {
    guard case .integer(let bits) = scheme.format else { return extremes }
    return range(levels: 1 << bits, isSymmetric: scheme.isSymmetric)
  }
}

extension Diagnostic.Message {
  fileprivate static func noSamples() -> Self {
    Self(id: "no-samples", .malformed, "there are no samples to calibrate with")
  }

  fileprivate static func notFinite(_ value: String, sample: Int, _ cause: String) -> Self {
    Self(
      id: "non-finite-value", .malformed,
      "value `\(value)` cannot be calibrated: \(cause), in sample \(sample)")
  }
}
