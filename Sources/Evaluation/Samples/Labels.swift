import Support
import Tensors

/// The right class of each sample.
public struct Labels: Hashable, Sendable {
  /// The index of the class among the model's outputs, sample by sample.
  public let classes: [Int]

  /// Labels that are known.
  ///
  /// - Precondition: none is negative.
  public init(_ classes: [Int]) { self.classes = classes }

  /// The labels in the `.npy` file at `path`: one number for each sample, whatever the shape of the array.
  ///
  /// Where the number of samples is limited, the file may have labels for all of them.
  ///
  /// - Throws: a `Diagnostic` if the file cannot be read, a label is no index, or there are not as many as samples.
  public init(_ path: String, for samples: Samples) throws {
    let numbers = try NumPyFile.read(path).storedNumbers
    try locating(in: Diagnostic.Place(file: path)) {
      if let position = numbers.firstIndex(where: {
        !($0 >= 0 && $0 < 0x1p31) || $0 != $0.rounded()
      }) {
        throw Diagnostic(
          .notIndex(numbers[position], position), help: "a label is the index of a class, from 0 on"
        )
      }
      guard numbers.count == samples.available || numbers.count == samples.count else {
        throw Diagnostic(.labelCount(numbers.count, samples.available))
      }
    }
    classes = numbers.prefix(samples.count).map { Int($0) }
  }

  /// Those of the first samples.
  func first(_ count: Int) -> Labels { Labels(Array(classes.prefix(count))) }
}

extension Diagnostic.Message {
  fileprivate static func notIndex(_ number: Double, _ position: Int) -> Self {
    Self(id: "label-type", .malformed, "label \(position) is \(number), which is no index")
  }

  fileprivate static func labelCount(_ labels: Int, _ samples: Int) -> Self {
    Self(id: "label-count", .malformed, "there are \(labels) labels for \(samples) samples")
  }
}
