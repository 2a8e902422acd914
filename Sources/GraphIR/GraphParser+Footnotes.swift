import Foundation
import Support
import Tensors

/// What stands below the closing brace: long constants, scales, and the names of tensors.
struct Footnotes {
  /// `%y = tensor 7 "dense/MatMul"`: which tensor of the model file a value is.
  struct TensorNote {
    let place: Diagnostic.Place
    let identifier: String
    let index: Int?
    let name: String?
  }

  private(set) var tensors: [TensorNote] = []
  private(set) var eliminated: [SourceOperator] = []
  private var constants: [String: [UInt8]] = [:]
  private var quantizations: [String: Quantization] = [:]

  mutating func read(_ line: TextScanner) throws {
    var scanner = line
    if scanner.take("eliminated") {
      try scanner.expect("from")
      eliminated = try Self.sources(&scanner)
    } else if scanner.take("%") {
      try readTensor(&scanner)
    } else {
      try scanner.expect("#")
      try readConstant(&scanner)
    }
    try scanner.expectEnd()
  }

  func constant(_ name: String) -> [UInt8]? { constants[name] }

  /// The scales that a type refers to as `#s0`.
  func scales(_ scanner: inout TextScanner) throws -> Quantization {
    let name = try scanner.word("the name of scales")
    guard let quantization = quantizations[name] else { throw Diagnostic(.undefinedNote(name)) }
    return quantization
  }

  /// `0.5:-3` or `axis 0, 0.5, 0.25:1`.
  static func quantization(_ scanner: inout TextScanner) throws -> Quantization {
    let axis = scanner.take("axis") ? try scanner.integer("an axis") : nil
    if axis != nil { try scanner.expect(",") }
    var scales: [Float] = []
    var zeroPoints: [Int] = []
    repeat {
      scales.append(try scanner.float("a scale"))
      zeroPoints.append(scanner.take(":") ? try scanner.integer("a zero point") : 0)
    } while axis != nil && scanner.take(",")
    return Quantization(axis: axis, scales: scales, zeroPoints: zeroPoints)
  }

  /// `CONV_2D 3, RELU 4`.
  static func sources(_ scanner: inout TextScanner) throws -> [SourceOperator] {
    var sources: [SourceOperator] = []
    repeat {
      let kind = try scanner.word("an operator of the model file")
      sources.append(SourceOperator(index: try scanner.integer("its index"), kind: kind))
    } while scanner.take(",")
    return sources
  }

  private mutating func readTensor(_ scanner: inout TextScanner) throws {
    let identifier = try scanner.word("a value's name")
    try scanner.expect("=")
    try scanner.expect("tensor")
    // The index may be missing, and a failed attempt to read it must not move on.
    var lookahead = scanner
    let index = try? lookahead.integer("an index")
    if index != nil { scanner = lookahead }
    let name = scanner.isAtEnd ? nil : try scanner.string("a tensor's name")
    tensors.append(
      TensorNote(place: scanner.place, identifier: identifier, index: index, name: name))
  }

  private mutating func readConstant(_ scanner: inout TextScanner) throws {
    let name = try scanner.word("the name of a footnote")
    try scanner.expect("=")
    if scanner.take("scales(") {
      quantizations[name] = try Self.quantization(&scanner)
    } else {
      try scanner.expect("data(")
      guard let data = Data(base64Encoded: try scanner.string("base64 data")) else {
        throw scanner.unexpected("base64 data")
      }
      constants[name] = Array(data)
    }
    try scanner.expect(")")
  }
}

/// What a constant's text says its elements are.
///
/// `dense(1, 2)`, `splat(0.5)`, `random(7)`, `#0` and `elided`.
enum ConstantContent {
  case dense([Double])
  case splat(Double)
  case random(seed: UInt64)
  case note(String)
  case elided

  init(_ scanner: inout TextScanner) throws {
    if scanner.take("elided") {
      self = .elided
    } else if scanner.take("#") {
      self = .note(try scanner.word("the name of a footnote"))
    } else if scanner.take("splat(") {
      self = .splat(try scanner.number("a number"))
      try scanner.expect(")")
    } else if scanner.take("random(") {
      self = .random(seed: UInt64(truncatingIfNeeded: try scanner.integer("a seed")))
      try scanner.expect(")")
    } else {
      try scanner.expect("dense(")
      var numbers: [Double] = []
      repeat { numbers.append(try scanner.number("a number")) } while scanner.take(",")
      try scanner.expect(")")
      self = .dense(numbers)
    }
  }

  /// The words to print again for generated data; nil where the data prints itself.
  var literalText: String? {
    switch self {
    case .splat(let number): "splat(\(Int(exactly: number).map(String.init) ?? String(number)))"
    case .random(let seed): "random(\(seed))"
    case .dense, .note, .elided: nil
    }
  }

  /// The bytes, as many as `type` asks for; nil if they are elided.
  func data(for type: TensorType, notes: Footnotes) throws -> TensorData? {
    switch self {
    case .elided: return nil
    case .splat(let number):
      try Self.checkSize(type)
      return Tensor(type, numbers: Array(repeating: number, count: type.elementCount)).data
    case .random(let seed):
      try Self.checkSize(type)
      return Tensor.random(type, seed: seed).data
    case .dense(let numbers):
      guard numbers.count == type.elementCount else {
        throw Diagnostic(.constantSize("\(numbers.count) elements", type))
      }
      return Tensor(type, numbers: numbers).data
    case .note(let name):
      guard let bytes = notes.constant(name) else { throw Diagnostic(.undefinedNote(name)) }
      guard bytes.count == type.byteCount else {
        throw Diagnostic(.constantSize("\(bytes.count) bytes", type))
      }
      return TensorData(bytes)
    }
  }

  /// A short text must not make us allocate what no machine has.
  private static func checkSize(_ type: TensorType) throws {
    guard type.byteCount <= 1 << 30 else {
      throw Diagnostic(.generatedSize(type.byteCount), help: "let it be `elided`")
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func undefinedNote(_ name: String) -> Self {
    Self(id: "undefined-footnote", .malformed, "there is no footnote `#\(name)`")
  }

  fileprivate static func constantSize(_ found: String, _ type: TensorType) -> Self {
    Self(id: "constant-size", .malformed, "\(found) for a constant of type \(type)")
  }

  fileprivate static func generatedSize(_ byteCount: Int) -> Self {
    Self(
      id: "generated-size", .malformed, "a generated constant of \(byteCount) bytes is too large")
  }
}
