import GraphIR
import Support
import Tensors

/// Samples along the first axis of an array.
struct ArraySamples: SampleReader {
  private let array: StoredArray
  private let conversion: SampleConversion

  /// - Throws: a `Diagnostic` if the shape of a sample is not that of the input, but for axes of extent 1.
  init(_ array: StoredArray, for input: Value, _ preprocessing: Preprocessing) throws {
    let expected = input.type.shape
    guard array.type.shape.rank > 0, array.partType.shape.isAlike(expected) else {
      throw Diagnostic(
        .shape(array.type.shape, input.name, expected),
        help: "the first axis counts the samples, the rest is the input: [N, …] of \(expected)")
    }
    self.array = array
    conversion = try SampleConversion(to: input, preprocessing)
  }

  var count: Int { array.count }

  func tensor(at index: Int) throws -> Tensor {
    try conversion.tensor(array.part(at: index), sampleIndex: index)
  }
}

extension Diagnostic.Message {
  fileprivate static func shape(_ found: Shape, _ name: String, _ expected: Shape) -> Self {
    Self(
      id: "sample-shape", .malformed,
      "an array of shape \(found) holds no samples for the input `\(name)` of shape \(expected)")
  }
}
