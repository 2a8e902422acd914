import GraphIR
import Operators
import Support
import Tensors

/// Operators of TFLite whose result follows from a shape or from bounds, and what they become.
extension TFLiteImporter {
  static let sequences: [String: TFLiteConverter] = [
    "BROADCAST_ARGS": { $0.becomes(BroadcastShape()) },
    "BROADCAST_TO": { node in
      try node.becomes(BroadcastTo(shape: node.shape(operand: 1)), reading: [0])
    },
    "FILL": { node in
      try node.becomes(BroadcastTo(shape: node.shape(operand: 0)), reading: [1])
    },
    "RANGE": { node in
      try node.becomes(ArithmeticSequence(count: node.rangeCount()), reading: [0, 2])
    },
    "RANK": { $0.becomes(RankOf()) },
    "ZEROS_LIKE": { $0.becomes(ZerosLike()) },
  ]
}

extension TFLiteNode {
  /// The result's shape, which an operand holds: if that is not constant, the shape that the file gives.
  func shape(operand: Int) throws -> [Int] {
    guard let shape = try constantIntegers(operand: operand) ?? knownResultExtents() else {
      throw Diagnostic(.openShape(operand))
    }
    return shape
  }

  /// How many numbers lie from start to limit, which is left out; all three operands are constant.
  fileprivate func rangeCount() throws -> Int {
    guard try operandType(0).element == .f32 else { return try integerRangeCount() }
    let bounds = try (0...2).map { try constantNumber(operand: $0) }
    let count = ((bounds[1] - bounds[0]) / bounds[2]).rounded(.up)
    guard count >= 0, count < 0x1p31 else { throw Diagnostic(.endlessRange) }
    return Int(count)
  }

  private func integerRangeCount() throws -> Int {
    let bounds = try (0...2).map { try number(operand: $0) }
    let (span, delta) = (bounds[1] - bounds[0], bounds[2])
    guard delta != 0, span == 0 || (span < 0) == (delta < 0) else {
      throw Diagnostic(.endlessRange)
    }
    return (abs(span) + abs(delta) - 1) / abs(delta)
  }
}

extension Diagnostic.Message {
  fileprivate static func openShape(_ operand: Int) -> Self {
    Self(
      id: "open-result-shape", .unsupported,
      "operand \(operand) decides the result's shape, and is not constant")
  }

  fileprivate static var endlessRange: Self {
    Self(
      id: "empty-range", .unsupported, "a range without numbers, or without end, is not supported")
  }
}
