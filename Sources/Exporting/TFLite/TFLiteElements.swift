import GraphIR
import Operators
import Tensors

extension TensorType {
  /// The name of the element type in the schema; nil for those that no operator of TFLite takes.
  var fileElement: String? { element.fileName }
}

extension ElementType {
  /// The name in the schema; nil for those that no operator of TFLite takes.
  var fileName: String? {
    switch self {
    case .f32: "FLOAT32"
    case .f16: "FLOAT16"
    case .bf16: "BFLOAT16"
    case .i4: "INT4"
    case .i8: "INT8"
    case .u8: "UINT8"
    case .i16: "INT16"
    case .i32: "INT32"
    case .u32: "UINT32"
    case .i64: "INT64"
    case .bool: "BOOL"
    case .f64, .f8e4m3, .f8e5m2, .u4, .u16, .u64: nil
    }
  }
}

extension Tensor {
  /// The same integers in 4 bits each, if all of them fit; else the tensor itself.
  var packed: Tensor {
    let type = TensorType(.i4, type.shape, type.quantization)
    guard self.type.element == .i8, data.elements(as: Int8.self).allSatisfy({ -8...7 ~= $0 })
    else { return self }
    return Tensor(type, numbers: storedNumbers)
  }
}
