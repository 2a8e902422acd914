import GraphIR
import Support

/// A way to lose less accuracy: each changes the network, or what is stored of it.
public struct QuantizationMethod: Sendable {
  /// By this name it is asked for; in kebab case.
  public let name: String
  /// What it does, in a few words.
  public let summary: String
  /// As it is asked for: the name, and behind a colon what was chosen, as in `smooth:0.5`.
  public let text: String
  let action: Action
  /// Whether each layer with weights is to have a bias, which the method may change.
  let needsBiases: Bool
  /// What can be chosen; nil if nothing can.
  let choice: Choice?

  /// What may stand behind a method's name and a colon.
  struct Choice: Sendable {
    /// In words, for those who said something else.
    let summary: String
    /// The method with such a choice; nil for a text that means nothing.
    let method: @Sendable (String) -> QuantizationMethod?
  }

  /// What a method works on.
  enum Action: Sendable {
    /// The network of real numbers, before anything is observed; it computes the same afterwards, up to rounding.
    case network(@Sendable (inout Graph, MethodContext) throws -> Void)
    /// What is stored: ranges, weights and biases.
    case stored(@Sendable (inout QuantizedModel, MethodContext) throws -> Void)
  }

  /// - Parameter chosen: what was said behind the name.
  init(
    _ name: String, _ summary: String, needsBiases: Bool = false, chosen: String? = nil,
    choice: Choice? = nil, _ action: Action
  ) {
    self.name = name
    self.summary = summary
    text = chosen.map { "\(name):\($0)" } ?? name
    self.choice = choice
    self.needsBiases = needsBiases
    self.action = action
  }

  /// All methods, in the order in which they are applied, whatever the order in which they are asked for.
  public static let all: [QuantizationMethod] = [
    .equalize, .smooth, .rotate, .clipRanges, .saturate, .gptq, .adaround, .correctBias,
  ]

  /// What is done when nothing is asked for: it costs about as much as calibration and a report of errors, and what does not help is
  /// given up.
  ///
  /// - Parameters:
  ///   - plan: nothing is done for one that has no integers on both sides of a product.
  ///   - samples: how many there are; 0 for noise, by which nothing can be judged.
  public static func standard(for plan: QuantizationPlan, samples: Int) -> [QuantizationMethod] {
    let schemes = [plan.scheme] + plan.rules.map(\.scheme)
    let isWorthIt = schemes.contains { $0.isInteger && $0.weights != nil && !$0.isDynamic }
    return isWorthIt && samples >= LayerSamples.heldOutStride ? [.clipRanges, .gptq] : []
  }

  /// The method that a text asks for: its name, and behind a colon a choice, where it has one.
  ///
  /// - Throws: a `Diagnostic` that lists the methods there are.
  public static func named(_ text: String) throws -> QuantizationMethod {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let known = all.first { $0.name == parts[0] }
    let method = parts.count == 1 ? known : known?.choice?.method(String(parts[1]))
    guard let method else {
      throw Diagnostic(.noSuchMethod(text), help: known?.choice?.summary ?? Self.listed)
    }
    return method
  }

  private static var listed: String {
    "the methods are \(all.map { "`\($0.name)`" }.joined(separator: ", "))"
  }

  /// Methods in the order in which they are applied; of two of one name the last.
  static func ordered(_ methods: [QuantizationMethod]) -> [QuantizationMethod] {
    all.compactMap { known in methods.last { $0.name == known.name } }
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
  /// What was seen of the network already; nil if it is to be run.
  public private(set) var seen: Calibration?
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
      .reusing(seen)
  }

  /// The same with what was seen of the network, or without.
  public func reusing(_ calibration: Calibration?) -> MethodContext {
    var copy = self
    copy.seen = calibration
    return copy
  }
}
