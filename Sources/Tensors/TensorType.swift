/// What is known of a tensor before its elements are: shape, element type and quantization.
public struct TensorType: Hashable, Sendable {
  /// Extents, outermost first; images are NHWC.
  public let shape: Shape
  /// How elements are stored.
  public let element: ElementType
  /// What real numbers stored integers stand for; nil if they stand for themselves.
  public let quantization: Quantization?

  /// Nothing is checked here; `Quantization.problem(for:_:)` says whether the parts fit.
  public init(_ element: ElementType, _ shape: Shape, _ quantization: Quantization? = nil) {
    self.shape = shape
    self.element = element
    self.quantization = quantization
  }

  /// The product of the extents.
  public var elementCount: Int { shape.elementCount }

  /// The bytes of all elements, without gaps; `i4` are packed two to a byte.
  public var byteCount: Int { element.byteCount(of: elementCount) }

  /// The same elements in another shape.
  ///
  /// The quantization is kept as it is, so one along an axis has to fit the new shape.
  public func with(shape: Shape) -> TensorType { TensorType(element, shape, quantization) }

  /// The quantization if all elements share it; nil if there is none, or one along an axis.
  public var sharedQuantization: Quantization? {
    quantization.flatMap { $0.isPerTensor ? $0 : nil }
  }

  /// The same kind of elements in another shape and at other places, so that only a quantization that all share is kept.
  public func moved(into shape: Shape) -> TensorType {
    TensorType(element, shape, sharedQuantization)
  }

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
