/// What is known of a tensor before its elements are: shape, element type and quantization.
public struct TensorType: Hashable, Sendable {
  public let shape: Shape
  public let element: ElementType
  public let quantization: Quantization?

  public init(_ element: ElementType, _ shape: Shape, _ quantization: Quantization? = nil) {
    self.shape = shape
    self.element = element
    self.quantization = quantization
  }

  public var elementCount: Int { shape.elementCount }

  public var byteCount: Int { element.byteCount(of: elementCount) }

  public func with(shape: Shape) -> TensorType { TensorType(element, shape, quantization) }

  /// Whether both have the same shape and element type, whatever their quantization.
  public func matches(_ other: TensorType) -> Bool {
    shape == other.shape && element == other.element
  }
}

extension TensorType: CustomStringConvertible {
  /// For example `i8<0.58:-3>[1, 49, 10, 1]`.
  public var description: String {
    "\(element.rawValue)\(quantization.map { "<\($0)>" } ?? "")\(shape)"
  }
}
