import GraphIR
import Support
import Tensors

/// How much less likely than certain a classification finds the true classes: `−weight[c] · x[n, c, …]` where `c` is the
/// true class, of `f32` elements.
///
/// Operands: logarithms of probabilities `[batch, classes, …]`; true classes `[batch, …]`, indices; a weight for each
/// class, which may be left out. An index outside of the classes is taken for the nearest inside.
public struct NegativeLogLikelihoodLoss: Operator {
  public static let name = "negative_log_likelihood_loss"
  /// What becomes of the losses of single samples.
  public var reduction: LossReduction
  /// Classes whose samples have a weight of 0.
  public var ignoredClasses: [Int]

  public init() { self.init(reduction: .mean) }

  /// - Parameter ignoredClasses: any integers, which need not be classes.
  public init(reduction: LossReduction, ignoredClasses: [Int] = []) {
    self.reduction = reduction
    self.ignoredClasses = ignoredClasses
  }

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 2...3, Self.name)
    var samples = operands[0].shape.extents
    guard samples.count >= 2 else { throw Diagnostic(.noClasses(operands[0].shape)) }
    let classes = samples.remove(at: 1)
    try ElementChecks.shape(operands, 1, Shape(samples), Self.name)
    if operands.count > 2 { try ElementChecks.shape(operands, 2, [classes], Self.name) }
    return [TensorType(operands[0].element, reduction == .none ? Shape(samples) : [])]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.indices(operands, 1, Self.name)
    let real = [operands[0]] + operands.dropFirst(2)
    try ElementChecks.elements(real, [[.f32, .f32]], Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    let samples = Samples(site.operands, ignoredClasses)
    return Kernel { [reduction] operands, results, _ in
      let y = results[0].pointer(to: Float.self)
      var (sum, weights) = (0.0, 0.0)
      for sample in 0..<samples.count {
        let (loss, weight) = samples.loss(sample, operands)
        if reduction == .none { y[sample] = Float(loss) }
        sum += loss
        weights += weight
      }
      if reduction != .none { y[0] = Float(reduction == .mean ? sum / weights : sum) }
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(operands[1])
  }

  public static let examples = [
    Example(
      NegativeLogLikelihoodLoss(reduction: .none),
      [
        Tensor(TensorType(.f32, [2, 3]), numbers: [-1, -2, -3, -4, -5, -6]),
        Tensor(TensorType(.i64, [2]), numbers: [1, 2]),
      ],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [2, 6])]),
    Example(
      NegativeLogLikelihoodLoss(reduction: .mean, ignoredClasses: [-1]),
      [
        Tensor(TensorType(.f32, [1, 2, 3]), numbers: [-1, -2, -3, -4, -5, -6]),
        Tensor(TensorType(.i32, [1, 3]), numbers: [1, -1, 0]),
        Tensor(TensorType(.f32, [2]), numbers: [1, 0.5]),
      ],
      gives: [Tensor(TensorType(.f32, []), numbers: [3.333333333])]),
  ]
}

/// What becomes of the losses of single samples.
public enum LossReduction: String, Hashable, Sendable, Codable {
  /// They are the result.
  case none
  /// They are added.
  case sum
  /// They are added, and divided by the sum of their weights.
  case mean
}

/// The samples of a classification, in the order of their classes' operand.
private struct Samples: Sendable {
  let count: Int
  private let classes: Int
  /// How many samples lie between neighbouring classes.
  private let stride: Int
  private let reader: IndexReader
  private let ignored: [Int]

  init(_ operands: [TensorType], _ ignored: [Int]) {
    count = operands[1].elementCount
    classes = operands[0].shape[1]
    stride = operands[0].shape.extents.dropFirst(2).reduce(1, *)
    reader = IndexReader(operands[1])
    self.ignored = ignored
  }

  /// Of one sample, the loss and the weight that it contains.
  func loss(_ sample: Int, _ operands: [UnsafeRawBufferPointer]) -> (loss: Double, weight: Double) {
    guard !ignored.contains(reader.index(operands[1], at: sample)) else { return (0, 0) }
    let trueClass = reader.index(operands[1], at: sample, among: classes)
    let place = (sample / stride * classes + trueClass) * stride + sample % stride
    let weight = operands.count > 2 ? operands[2].pointer(to: Float.self)[trueClass] : 1
    return (-Double(weight * operands[0].pointer(to: Float.self)[place]), Double(weight))
  }
}

extension Diagnostic.Message {
  fileprivate static func noClasses(_ shape: Shape) -> Self {
    Self(
      id: "no-classes", .malformed,
      "operand 0 of `negative_log_likelihood_loss` has shape \(shape), which has no axis of classes"
    )
  }
}
