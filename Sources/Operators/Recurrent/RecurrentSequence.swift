import CKernels
import GraphIR
import Support
import Tensors

/// The rows that a recurrent layer reads one after another: `[batches, steps, width]`, `[steps, batches, width]` if time
/// comes first, or `[batches, width]` for a single step.
struct RecurrentSequence {
  let shape: Shape
  let isTimeMajor: Bool

  /// - Throws: a `Diagnostic` if operand 0 does not have one of these ranks.
  init(_ operands: [TensorType], isTimeMajor: Bool, _ kind: String) throws {
    shape = operands[0].shape
    self.isTimeMajor = isTimeMajor
    if shape.rank != 2 { try ElementChecks.rank(operands, 0, 3, kind) }
  }

  var width: Int { shape[shape.rank - 1] }

  var batches: Int { shape.rank == 3 && isTimeMajor ? shape[1] : shape[0] }

  var steps: Int { shape.rank == 2 ? 1 : isTimeMajor ? shape[0] : shape[1] }

  /// The shape of a result with another width.
  func result(width: Int) -> Shape { Shape(shape.extents.dropLast() + [width]) }

  func kernelForm(outputWidth: Int, isReversed: Bool = false) -> ck_sequence {
    ck_sequence(
      steps: Int32(clamping: steps), batches: Int32(clamping: batches),
      is_time_major: isTimeMajor ? 1 : 0, is_reversed: isReversed ? 1 : 0,
      output_width: Int32(clamping: outputWidth))
  }
}

/// Checks that recurrent layers share.
enum RecurrentChecks {
  /// Counts that fit the inner loops, and their sums, too.
  private static let largestExtent = 1 << 24

  /// No extent of an operand is larger than inner loops can count.
  static func extents(_ operands: [TensorType], _ kind: String) throws {
    for operand in operands {
      if let extent = operand.shape.extents.first(where: { $0 > largestExtent }) {
        throw Diagnostic(.tooWide(kind, extent, largestExtent))
      }
    }
  }

  /// The element types together are ones for which there is a kernel; unsigned bytes have none.
  static func elements(
    _ operands: [TensorType], _ supported: [[ElementType]], _ kind: String
  ) throws {
    let found = operands.map(\.element)
    guard supported.contains(where: { Array($0.prefix(found.count)) == found }) else {
      throw Diagnostic(.unsupportedElements(kind, found))
    }
  }

  /// Operand `index` holds that many elements for each batch, in any shape.
  static func state(
    _ operands: [TensorType], _ index: Int, _ sequence: RecurrentSequence, width: Int,
    _ kind: String
  ) throws {
    guard operands[index].elementCount == sequence.batches * width else {
      throw Diagnostic(
        .stateSize(index, kind, operands[index].elementCount, sequence.batches, width))
    }
  }

  /// Weights of 8 bits have one scale.
  static func weightScales(_ operands: [TensorType], _ kind: String) throws {
    for (index, operand) in operands.enumerated() where operand.element == .i8 {
      _ = try ElementChecks.perTensor(operand, "operand \(index)", kind)
    }
  }

  /// A clip is a bound of magnitudes, or 0.
  static func clip(_ clip: Float, _ kind: String) throws {
    guard clip.isFinite, clip >= 0 else { throw Diagnostic(.badClip(clip, kind)) }
  }
}

/// The operands of one run, in the forms that kernels take them.
struct RecurrentOperands {
  let types: [TensorType]
  let operands: [UnsafeRawBufferPointer]

  init(_ types: [TensorType], _ operands: [UnsafeRawBufferPointer]) {
    self.types = types
    self.operands = operands
  }

  /// The elements of an operand; nil for one that is left out.
  func pointer<Element>(_ position: Int?, to type: Element.Type) -> UnsafePointer<Element>? {
    position.map { operands[$0].pointer(to: type) }
  }

  /// Weights of a float layer; without pointers for an operand that is left out.
  func weights(_ position: Int?) -> ck_recurrent_weights {
    guard let position else { return ck_recurrent_weights() }
    guard types[position].element == .i8 else {
      return ck_recurrent_weights(
        values: operands[position].pointer(to: Float.self), quantized: nil, scale: 1)
    }
    return ck_recurrent_weights(
      values: nil, quantized: operands[position].pointer(to: Int8.self),
      scale: types[position].quantization?.scale ?? 1)
  }
}

extension UnsafeMutableRawBufferPointer {
  /// Begins as a copy of a state, for a kernel that replaces it in place.
  func begin(as state: UnsafeRawBufferPointer) { copyMemory(from: state) }
}

extension Diagnostic.Message {
  fileprivate static func tooWide(_ kind: String, _ extent: Int, _ largest: Int) -> Self {
    Self(
      id: "layer-too-wide", .unsupported,
      "an operand of `\(kind)` has an extent of \(extent), more than \(largest)")
  }

  fileprivate static func unsupportedElements(_ kind: String, _ found: [ElementType]) -> Self {
    let list = found.map(\.rawValue).joined(separator: ", ")
    return Self(
      id: "unsupported-elements", .unsupported,
      "`\(kind)` of element types \(list) is not supported")
  }

  fileprivate static func stateSize(
    _ index: Int, _ kind: String, _ found: Int, _ batches: Int, _ width: Int
  ) -> Self {
    Self(
      id: "state-size", .malformed,
      "operand \(index) of `\(kind)` is a state of \(found) elements, "
        + "expected \(width) for each of \(batches) batches")
  }

  fileprivate static func badClip(_ clip: Float, _ kind: String) -> Self {
    Self(id: "bad-clip", .malformed, "`\(kind)` clips at \(clip)")
  }
}
