/// How integers stand for real numbers: `real = (integer − zeroPoint) · scale`.
public struct Quantization: Hashable, Sendable {
  /// The axis along which scale and zero point vary; nil if one of each serves the whole tensor.
  public let axis: Int?
  /// One per index of `axis`, or a single one. Each is finite and positive.
  public let scales: [Float]
  /// As many as there are scales.
  public let zeroPoints: [Int]

  /// One scale and zero point for the whole tensor.
  public init(scale: Float, zeroPoint: Int = 0) {
    self.init(axis: nil, scales: [scale], zeroPoints: [zeroPoint])
  }

  /// A scale and a zero point for each index of `axis`.
  ///
  /// - Precondition: there are as many zero points as scales, and one of each if `axis` is nil.
  public init(axis: Int?, scales: [Float], zeroPoints: [Int]) {
    precondition(scales.count == zeroPoints.count, "each scale has a zero point")
    precondition(axis != nil || scales.count == 1, "one scale serves a whole tensor")
    self.axis = axis
    self.scales = scales
    self.zeroPoints = zeroPoints
  }

  /// Whether one scale and zero point serve the whole tensor.
  public var isPerTensor: Bool { axis == nil }

  /// The only scale, or the first of several.
  public var scale: Float { scales[0] }

  /// The only zero point, or the first of several.
  public var zeroPoint: Int { zeroPoints[0] }

  /// What is wrong with this quantization for a tensor of this shape and element type; nil if nothing is.
  public func problem(for shape: Shape, _ element: ElementType) -> String? {
    guard let range = element.integerRange else {
      return "`\(element.rawValue)` elements cannot be quantized"
    }
    if let scale = scales.first(where: { !($0.isFinite && $0 > 0) }) {
      return "scale \(scale) is not a positive number"
    }
    if let point = zeroPoints.first(where: { !range.contains($0) }) {
      return "zero point \(point) is outside of `\(element.rawValue)`"
    }
    guard let axis else { return nil }
    guard shape.extents.indices.contains(axis) else {
      return "quantized axis \(axis) does not exist in \(shape)"
    }
    return shape[axis] == scales.count
      ? nil : "\(scales.count) scales for \(shape[axis]) indices of axis \(axis)"
  }
}

extension Quantization: CustomStringConvertible {
  /// `0.5:-3` per tensor, `axis 0, 0.5, 0.25:1` per axis; zero points of zero are left out.
  public var description: String {
    let pairs = zip(scales, zeroPoints).map { $1 == 0 ? "\($0)" : "\($0):\($1)" }
    return ((axis.map { ["axis \($0)"] } ?? []) + pairs).joined(separator: ", ")
  }
}
