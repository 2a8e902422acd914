import Support
import Tensors

/// What is known of each sample: its class, a class for each pixel, an array of numbers, or boxes.
public struct Truth: Sendable {
  /// How many samples it is known of.
  public let count: Int
  private let arrays: [Tensor]

  /// - Parameter arrays: each with the samples along its first axis. One is enough for most metrics; `map` takes
  ///   boxes and their classes.
  /// - Throws: a `Diagnostic` if an array has no axis for the samples, or they have different numbers of them.
  public init(_ arrays: [Tensor]) throws {
    let counts = Set(arrays.map { $0.type.shape.extents.first ?? 0 })
    guard let count = counts.first, counts.count == 1, count > 0 else {
      throw Diagnostic(
        .noSampleAxis(arrays.map(\.type.shape)), help: "the first axis of labels counts the samples"
      )
    }
    self.count = count
    self.arrays = arrays
  }

  /// The class of each sample, such as the position of the folder that an image lies in.
  public init(classes: [Int]) {
    count = classes.count
    arrays = [Tensor(TensorType(.i64, Shape([classes.count])), TensorData(classes.map(Int64.init)))]
  }

  /// The labels of a sample, one for each array.
  public func labels(of sample: Int) -> [Tensor] { arrays.map { $0.part(sample) } }

  /// Refuses labels that are not as many as samples; more of them are taken where not all samples are run.
  public func check(samples: Int, isLimited: Bool) throws {
    guard count == samples || (isLimited && count > samples) else {
      throw Diagnostic(.labelCount(count, samples))
    }
  }
}

extension Tensor {
  /// The part at an index of the first axis.
  fileprivate func part(_ index: Int) -> Tensor {
    let part = TensorType(type.element, Shape(Array(type.shape.extents.dropFirst())))
    let start = index * part.byteCount
    let bytes = UnsafeRawBufferPointer(rebasing: data.bytes[start..<start + part.byteCount])
    return Tensor(part, TensorData(byteCount: bytes.count) { $0.copyMemory(from: bytes) })
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
