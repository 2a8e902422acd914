import Support
import Tensors

/// What is known of each sample: its class, a class for each pixel, an array of numbers, or boxes.
public struct Truth: Sendable {
  /// How many samples it is known of.
  public let count: Int
  private let read: @Sendable (Int) -> [Tensor]

  /// - Parameter read: the labels of a sample, one tensor for each array that there is.
  init(count: Int, read: @escaping @Sendable (Int) -> [Tensor]) {
    self.count = count
    self.read = read
  }

  /// - Parameter arrays: each with the samples along its first axis. One is enough for most metrics; `map` takes
  ///   boxes and their classes.
  /// - Throws: a `Diagnostic` if an array has no axis for the samples, or they have different numbers of them.
  public init(_ arrays: [Tensor]) throws {
    try Self.check(arrays.map(\.type.shape))
    self.init(count: arrays[0].type.shape[0]) { sample in
      arrays.map { Tensor($0.partType, at: sample, of: $0.data.bytes) }
    }
  }

  /// The class of each sample, such as the position of the folder that an image lies in.
  public init(classes: [Int]) {
    self.init(count: classes.count) { sample in
      [Tensor(TensorType(.i64, []), TensorData([Int64(classes[sample])]))]
    }
  }

  /// The labels of a sample, one for each array.
  public func labels(of sample: Int) -> [Tensor] { read(sample) }

  /// Refuses labels that are not as many as the samples that are run, or as all that there are.
  public func check(for samples: Samples) throws {
    guard [samples.count, samples.available].contains(count) else {
      throw Diagnostic(.labelCount(count, samples.available))
    }
  }

  /// Whether arrays of these shapes have a common axis of samples.
  static func check(_ shapes: [Shape]) throws {
    let counts = Set(shapes.map { $0.extents.first ?? 0 })
    guard let count = counts.first, counts.count == 1, count > 0 else {
      throw Diagnostic(
        .noSampleAxis(shapes), help: "the first axis of labels counts the samples")
    }
  }
}

extension Tensor {
  /// The type of a part along the first axis.
  fileprivate var partType: TensorType {
    TensorType(type.element, Shape(Array(type.shape.extents.dropFirst())))
  }
}

extension Diagnostic.Message {
  fileprivate static func noSampleAxis(_ shapes: [Shape]) -> Self {
    let found = shapes.map { "\($0)" }.joined(separator: " and ")
    return Self(
      id: "label-form", .malformed, "labels of the shape \(found) have no common axis of samples")
  }

  fileprivate static func labelCount(_ labels: Int, _ samples: Int) -> Self {
    Self(id: "label-count", .malformed, "there are \(labels) labels for \(samples) samples")
  }
}
