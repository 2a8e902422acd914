import Foundation
import GraphIR
import Operators
import Support
import Tensors

/// Operators of ONNX for signals and matrices, and what they become.
extension ONNXImporter {
  static let signals: [String: ONNXConverter] = [
    "BlackmanWindow": { try $0.window([0.42, -0.5, 0.08], &$1) },
    "DFT": { try $0.fourierTransform(&$1) },
    "HammingWindow": { try $0.window([25 / 46, -21 / 46], &$1) },
    "HannWindow": { try $0.window([0.5, -0.5], &$1) },
    "MelWeightMatrix": { node, builder in
      let element = try node.elementType("output_datatype") ?? .f32
      let (shape, weights) = try node.melScale(builder).weights()
      return [.tensor(builder.constant(Tensor(TensorType(element, shape), numbers: weights)))]
    },
    "STFT": { try $0.shortTimeFourierTransform(&$1) },
  ]

  static let matrices: [String: ONNXConverter] = [
    "Det": { try $0.unary(Determinant(), &$1) },
    "EyeLike": { node, builder in
      let x = try node.operand(0)
      let type = TensorType(try node.elementType("dtype") ?? builder.element(x), builder.shape(x))
      let numbers = try node.diagonal(node.integer("k", default: 0), of: type.shape)
      return [.tensor(builder.constant(Tensor(type, numbers: numbers)))]
    },
    "Trilu": { node, builder in
      let diagonal = try node.optional(1).map { try builder.integer($0, "the diagonal") } ?? 0
      let isUpper = try node.integer("upper", default: 1) != 0
      return try node.unary(Triangle(isUpper: isUpper, diagonal: diagonal), &builder)
    },
  ]
}

extension ONNXNode {
  /// The element type that an attribute gives; nil where it is absent.
  fileprivate func elementType(_ attribute: String) throws -> ElementType? {
    guard hasAttribute(attribute) else { return nil }
    return try ONNXTensors.element(integer(attribute), resultNames.first ?? "")
  }

  /// `y[n] = Σ coefficients[k] · cos(2π · k · n / N)`, where N is the length, or one less if both ends are alike.
  fileprivate func window(
    _ coefficients: [Double], _ builder: inout ONNXGraphBuilder
  ) throws -> [ONNXValue] {
    let length = try builder.integer(operand(0), "the length of `\(kind)`")
    try checkSize([length])
    let isPeriodic = try integer("periodic", default: 1) != 0
    let period = Double(max(1, isPeriodic ? length : length - 1))
    let numbers = (0..<length).map { place in
      coefficients.enumerated().reduce(0) { sum, term in
        sum + term.element * cos(2 * .pi * Double(term.offset * place) / period)
      }
    }
    let type = TensorType(try elementType("output_datatype") ?? .f32, [length])
    return [.tensor(builder.constant(Tensor(type, numbers: numbers)))]
  }

  /// Refuses tensors that are too large to be computed here.
  private func checkSize(_ extents: [Int]) throws {
    guard let count = Shape(checking: extents)?.elementCount, count <= 1 << 26 else {
      throw Diagnostic(.tooLarge(kind, extents))
    }
  }

  /// Ones on a diagonal of a matrix, zeros elsewhere.
  fileprivate func diagonal(_ diagonal: Int, of shape: Shape) throws -> [Double] {
    guard shape.rank == 2 else { throw Diagnostic(.notMatrix(kind, shape)) }
    try checkSize(shape.extents)
    return (0..<shape[0]).flatMap { row in
      (0..<shape[1]).map { $0.subtractingReportingOverflow(diagonal) == (row, false) ? 1 : 0 }
    }
  }

  /// The axis is an attribute before version 20, an operand since.
  fileprivate func fourierTransform(_ builder: inout ONNXGraphBuilder) throws -> [ONNXValue] {
    let x = try operand(0)
    let length = try optional(1).map { try builder.integer($0, "the length of `DFT`") }
    let given =
      version < 20
      ? try integer("axis", default: 1)
      : try optional(2).map { try builder.integer($0, "the axis of `DFT`") } ?? -2
    let op = DFT(
      axis: try axis(given, rank: builder.shape(x).rank),
      // A length of 0 would be the signal's own.
      length: length.map { $0 == 0 ? -1 : $0 } ?? 0,
      isInverse: try integer("inverse", default: 0) != 0,
      isOneSided: try integer("onesided", default: 0) != 0)
    return [.tensor(try builder.apply(op, x))]
  }

  /// The frame's length is that of the window, if it is not given, or else that of the signal.
  fileprivate func shortTimeFourierTransform(
    _ builder: inout ONNXGraphBuilder
  ) throws -> [ONNXValue] {
    let x = try operand(0)
    let window = try optional(2)
    let length = try optional(3).map { try builder.integer($0, "the length of frames") }
    let extents =
      window.map { builder.shape($0).extents } ?? Array(builder.shape(x).extents.dropFirst())
    let op = STFT(
      frameStep: try builder.integer(operand(1), "the step of frames"),
      frameLength: length ?? extents.first ?? 0,
      isOneSided: try integer("onesided", default: 1) != 0)
    return [.tensor(try builder.apply(op, [x] + (window.map { [$0] } ?? [])))]
  }

  /// The operands of a matrix that sums frequencies up to bands.
  fileprivate func melScale(_ builder: ONNXGraphBuilder) throws -> MelScale {
    let counts = try (0..<3).map { try builder.integer(operand($0), "operand \($0) of `\(kind)`") }
    let edges = try (3...4).map { index in
      try builder.floats(operand(index), "operand \(index) of `\(kind)`").first ?? 0
    }
    let scale = MelScale(
      bands: counts[0], transformLength: counts[1], sampleRate: counts[2], lowest: edges[0],
      highest: edges[1])
    guard scale.isSound else { throw Diagnostic(.badBands(counts, edges)) }
    return scale
  }
}

/// Bands of frequencies that are equally wide to the ear: `mel(f) = 2595 · log₁₀(1 + f / 700)`.
private struct MelScale {
  let bands: Int
  let transformLength: Int
  let sampleRate: Int
  let lowest: Double
  let highest: Double

  /// Whether all bands lie among the frequencies of the transform.
  var isSound: Bool {
    (1...1 << 26).contains(bands) && (1...1 << 26).contains(transformLength)
      && bands * (transformLength / 2 + 1) <= 1 << 26 && sampleRate > 0 && lowest >= 0
      && lowest <= highest && highest.isFinite
      && place(bands + 1) <= transformLength / 2
  }

  /// The frequency of the transform at which a band begins; the one before it has its peak there.
  private func place(_ band: Int) -> Int {
    let (low, high) = (Self.mel(lowest), Self.mel(highest))
    let mel = low + Double(band) * (high - low) / Double(bands + 2)
    let frequency = 700 * expm1(mel / 2595 * log(10))
    return Int(min(Double(transformLength + 1) * frequency / Double(sampleRate), 0x1p30))
  }

  private static func mel(_ frequency: Double) -> Double { 2595 * log1p(frequency / 700) / log(10) }

  /// For each frequency, its weight in each band: a triangle between the peaks of the neighbours.
  func weights() -> (Shape, [Double]) {
    let frequencies = transformLength / 2 + 1
    var weights = Array(repeating: 0.0, count: frequencies * bands)
    for band in 0..<bands {
      let (low, peak, high) = (place(band), place(band + 1), place(band + 2))
      for frequency in low..<high + 1 where frequency != high || high == peak {
        weights[frequency * bands + band] =
          frequency < peak
          ? Double(frequency - low) / Double(peak - low)
          : high == peak ? 1 : Double(high - frequency) / Double(high - peak)
      }
    }
    return ([frequencies, bands], weights)
  }
}

extension Diagnostic.Message {
  fileprivate static func tooLarge(_ kind: String, _ extents: [Int]) -> Self {
    Self(id: "onnx-size", .malformed, "`\(kind)` would give a tensor of shape \(extents)")
  }

  fileprivate static func notMatrix(_ kind: String, _ shape: Shape) -> Self {
    Self(id: "onnx-size", .malformed, "`\(kind)` has an operand of shape \(shape), and no matrix")
  }

  fileprivate static func badBands(_ counts: [Int], _ edges: [Double]) -> Self {
    Self(
      id: "mel-bands", .malformed,
      "\(counts[0]) bands from \(edges[0]) to \(edges[1]) Hz do not fit a transform of length "
        + "\(counts[1]) at \(counts[2]) Hz")
  }
}
