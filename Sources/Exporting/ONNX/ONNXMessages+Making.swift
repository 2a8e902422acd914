import Foundation
import ONNXSchema
import Operators
import Tensors

extension ONNXAttributeProto {
  /// A single integer; a truth value is 0 or 1.
  static func integer(_ name: String, _ value: Int) -> Self {
    with(name, 2) { $0.i = Int64(value) }
  }

  static func flag(_ name: String, _ value: Bool) -> Self { integer(name, value ? 1 : 0) }

  static func float(_ name: String, _ value: Float) -> Self { with(name, 1) { $0.f = value } }

  static func string(_ name: String, _ value: String) -> Self {
    with(name, 3) { $0.s = Data(value.utf8) }
  }

  static func integers(_ name: String, _ values: [Int]) -> Self {
    with(name, 7) { $0.ints = values.map(Int64.init) }
  }

  static func floats(_ name: String, _ values: [Float]) -> Self {
    with(name, 6) { $0.floats = values }
  }

  static func strings(_ name: String, _ values: [String]) -> Self {
    with(name, 8) { $0.strings = values.map { Data($0.utf8) } }
  }

  static func graph(_ name: String, _ value: ONNXGraphProto) -> Self {
    with(name, 5) { $0.g = value }
  }

  /// An attribute with a value of the standard's `AttributeType`.
  private static func with(_ name: String, _ type: Int32, _ set: (inout Self) -> Void) -> Self {
    var attribute = Self()
    attribute.name = name
    attribute.type = type
    set(&attribute)
    return attribute
  }
}

extension ONNXValueInfoProto {
  /// An input or output of the graph.
  init(_ name: String, _ type: TensorType) {
    self.init()
    var tensor = ONNXTypeProto.Tensor()
    tensor.elemType = type.element.onnxNumber
    tensor.shape = ONNXTensorShapeProto()
    tensor.shape.dim = type.shape.extents.map { extent in
      var dimension = ONNXTensorShapeProto.Dimension()
      dimension.dimValue = Int64(extent)
      return dimension
    }
    self.name = name
    self.type.tensorType = tensor
  }
}

extension ElementType {
  /// The number of the type among the standard's `DataType`.
  var onnxNumber: Int32 {
    switch self {
    case .f32: 1
    case .u8: 2
    case .i8: 3
    case .u16: 4
    case .i16: 5
    case .i32: 6
    case .i64: 7
    case .bool: 9
    case .f16: 10
    case .f64: 11
    case .u32: 12
    case .u64: 13
    case .bf16: 16
    case .f8e4m3: 17
    case .f8e5m2: 19
    case .u4: 21
    case .i4: 22
    }
  }

  /// The first version of the standard's operators that knows the type.
  var onnxVersion: Int {
    switch self {
    case .f8e4m3, .f8e5m2: 19
    case .i4, .u4: 21
    default: ONNXVersion.lowest
    }
  }
}

extension ONNXTensorProto {
  /// The elements with axes in another order.
  init(_ name: String, _ tensor: Tensor, _ order: AxisOrder) throws {
    self.init()
    self.name = name
    dims = order.arranged(tensor.type.shape.extents).map(Int64.init)
    dataType = tensor.type.element.onnxNumber
    let data = order.isPlain ? tensor.data : try tensor.permuted(order.axes).data
    rawData = withExtendedLifetime(data) { Data(data.bytes) }
  }
}

extension Tensor {
  /// The stored elements with axes in another order, whatever they stand for.
  fileprivate func permuted(_ permutation: [Int]) throws -> Tensor {
    let stored = Tensor(TensorType(type.element, type.shape), data)
    guard type.element.bitWidth < 8 else {
      return try Transpose(permutation: permutation).evaluate([stored])[0]
    }
    // Elements that share a byte are moved one by one, and then share bytes with others.
    let bytes = Tensor(TensorType(.i8, type.shape), numbers: stored.storedNumbers)
    let moved = try bytes.permuted(permutation)
    return Tensor(TensorType(type.element, moved.type.shape), numbers: moved.storedNumbers)
  }
}
