import GraphIR
import Support

/// A way to lose less accuracy: each changes the network, or what is stored of it.
public struct QuantizationMethod: Sendable {
  /// By this name it is asked for; in kebab case.
  public let name: String
  /// What it does, in a few words.
  public let summary: String
  let action: Action
  /// Whether each layer with weights is to have a bias, which the method may change.
  let needsBiases: Bool

  /// What a method works on.
  enum Action: Sendable {
    /// The network of real numbers, before anything is observed; it computes the same afterwards, up to rounding.
    case network(@Sendable (inout Graph, MethodContext) throws -> Void)
    /// What is stored: ranges, weights and biases.
    case stored(@Sendable (inout QuantizedModel, MethodContext) throws -> Void)
  }

  init(_ name: String, _ summary: String, needsBiases: Bool = false, _ action: Action) {
    self.name = name
    self.summary = summary
    self.needsBiases = needsBiases
    self.action = action
  }

  /// All methods, in the order in which they are applied, whatever the order in which they are asked for.
  public static let all: [QuantizationMethod] = [
    .equalize, .clipOutliers, .gptq, .adaround, .correctBias,
  ]

  /// The method of this name.
  ///
  /// - Throws: a `Diagnostic` that lists the methods there are.
  public static func named(_ name: String) throws -> QuantizationMethod {
    guard let method = all.first(where: { $0.name == name }) else {
      throw Diagnostic(
        .noSuchMethod(name),
        help: "the methods are \(all.map { "`\($0.name)`" }.joined(separator: ", "))")
    }
    return method
  }
}

/// What methods may use besides the network.
public struct MethodContext: Sendable {
  /// Which scheme each layer is quantized by.
  public let plan: QuantizationPlan
  /// Samples of what the network will see.
  public let inputs: Calibration.Inputs
  /// How ranges are chosen from what is seen.
  public let ranges: RangeMethod
  /// How many threads may work; results do not depend on it.
  public let workers: Workers
  /// Told about each sample that is run.
  public let progress: @Sendable () -> Void

  /// - Parameter progress: may be called from one thread at a time.
  public init(
    plan: QuantizationPlan, inputs: Calibration.Inputs, ranges: RangeMethod,
    workers: Workers = .one, progress: @escaping @Sendable () -> Void = {}
  ) {
    self.plan = plan
    self.inputs = inputs
    self.ranges = ranges
    self.workers = workers
    self.progress = progress
  }
}

extension Diagnostic.Message {
  fileprivate static func noSuchMethod(_ name: String) -> Self {
    Self(id: "no-such-method", .usage, "there is no method `\(name)`")
  }
}

extension MethodContext {
  /// The same for another plan.
  public func with(_ plan: QuantizationPlan) -> MethodContext {
    MethodContext(plan: plan, inputs: inputs, ranges: ranges, workers: workers, progress: progress)
  }
}
