import Evaluation
import GraphIR
import Support
import Tensors

/// The ranges that values have on sample inputs.
public struct Calibration: Sendable {
  /// The range of each value that was observed, and of constants among them.
  public private(set) var ranges: [ValueID: ClosedRange<Float>] = [:]
  /// How many samples were run.
  public let sampleCount: Int

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
  ///   - values: of `f32`, with the scheme that each is to be stored by.
  ///   - method: how a range is chosen from what was seen.
  ///   - progress: told after each sample.
  /// - Throws: a `Diagnostic` if there are no samples, or a value is not finite.
  init(
    _ graph: Graph, _ inputs: Inputs, of values: [ValueID: TensorScheme], _ method: RangeMethod,
    workers: Workers = .one, progress: () -> Void = {}
  ) throws {
    guard inputs.count > 0 else { throw Diagnostic(.noSamples()) }
    sampleCount = inputs.count
    let evaluator = try Evaluator(graph, keeping: .everything)
    // In a fixed order, so that of several faults the same one is told.
    var observers = values.keys.sorted().map { ($0, RangeObserver(method)) }
    for index in 0..<inputs.count {
      evaluator.reset()
      try evaluator.run(inputs.at(index), workers: workers)
      for position in observers.indices {
        let value = observers[position].0
        do {
          try observers[position].1.observe(
            evaluator.bytes(of: value).bindMemory(to: Float.self))
        } catch let diagnostic as Diagnostic {
          throw Diagnostic(
            .notFinite(graph.values[value].name, sample: index, diagnostic.message.text),
            help: "look at the model's weights, and whether the data are prepared as in training")
        }
      }
      progress()
    }
    for (value, observer) in observers {
      guard let scheme = values[value] else { continue }
      ranges[value] = observer.range(for: scheme)
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
      id: "non-finite-value", .unsupported,
      "value `\(value)` cannot be calibrated: \(cause), in sample \(sample)")
  }
}
