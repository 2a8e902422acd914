import Support
import TFLiteSchema
import Tensors

/// The tensors of a TFLite subgraph, checked as they are asked for.
struct TFLiteTensors {
  let file: FileBytes
  let model: tflite_table
  let subgraph: tflite_table
  /// Extents that the user gave for inputs, by name.
  let shapes: [String: Shape]

  var count: Int { tflite_count(subgraph, "tensors") }

  /// A list of tensor indices, each within range; −1 stands for an absent operand where allowed.
  func indices(
    of table: tflite_table, _ field: String, _ what: String, allowsAbsent: Bool = false
  ) throws -> [Int] {
    try (0..<tflite_count(table, field)).map { position in
      let index = Int(tflite_int_element(table, field, position))
      guard (0..<count).contains(index) || (allowsAbsent && index == -1) else {
        throw Diagnostic(.indexOutOfRange(index, what, count))
      }
      return index
    }
  }

  /// The tensor's name in the file; `tensor 7` if it has none.
  func name(_ index: Int) -> String {
    string(tflite_element(subgraph, "tensors", index), "name") ?? "tensor \(index)"
  }

  /// Whether the tensor keeps what it holds from one run to the next.
  func isVariable(_ index: Int) -> Bool {
    tflite_int(tflite_element(subgraph, "tensors", index), "is_variable") != 0
  }

  /// The extents as the file has them.
  func extents(_ index: Int) -> [Int] {
    let tensor = tflite_element(subgraph, "tensors", index)
    return (0..<tflite_count(tensor, "shape")).map { Int(tflite_int_element(tensor, "shape", $0)) }
  }

  /// Whether extents depend on what a model computes: the signature then has −1 in their places.
  func hasOpenExtents(_ index: Int) -> Bool {
    let tensor = tflite_element(subgraph, "tensors", index)
    return (0..<tflite_count(tensor, "shape_signature"))
      .contains { tflite_int_element(tensor, "shape_signature", $0) < 0 }
  }

  /// Shape, element type and quantization.
  func type(_ index: Int) throws -> TensorType {
    let tensor = tflite_element(subgraph, "tensors", index)
    let element = try element(tensor)
    let extents = extents(index)
    guard let shape = shapes[name(index)] ?? Shape(checking: extents) else {
      throw Diagnostic(
        .badTensorShape(name(index), extents),
        help: "if the extent is open, fix it with `--shape NAME=1x2x3`")
    }
    // A scale would mean nothing at a float, and is not read.
    let quantization = try element.isFloat ? nil : quantization(index)
    let type = TensorType(element, shape, quantization)
    if let problem = quantization?.problem(for: shape, element) {
      throw Diagnostic(.badTensorQuantization(name(index), problem))
    }
    return type
  }

  /// The bytes of a constant; nil for a tensor that is computed.
  func data(_ index: Int, _ type: TensorType) throws -> TensorData? {
    let number = Int(tflite_int(tflite_element(subgraph, "tensors", index), "buffer"))
    guard (0..<tflite_count(model, "buffers")).contains(number) else {
      throw Diagnostic(.bufferOutOfRange(number, name(index), tflite_count(model, "buffers")))
    }
    guard let start = file.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
      return nil
    }
    var count = 0
    guard
      let bytes = tflite_buffer_bytes(start, tflite_element(model, "buffers", number), &count),
      // Tensors that are computed refer to an empty buffer, usually the first.
      count > 0
    else { return nil }
    let sparsity = tflite_child(tflite_element(subgraph, "tensors", index), "sparsity")
    if sparsity.data != nil {
      let stored = UnsafeRawBufferPointer(start: bytes, count: count)
      return try TFLiteSparsity(sparsity, of: type.shape).expanded(stored, type.element)
    }
    guard count == type.byteCount else {
      throw Diagnostic(.bufferSize(name(index), found: count, expected: type.byteCount))
    }
    // Vectors in the file are aligned to 4 bytes, and to more only if their writer took care.
    return TensorData(
      UnsafeRawBufferPointer(start: bytes, count: count), of: file,
      alignment: type.element.bitWidth > 32 ? 16 : 4)
  }

  private func element(_ tensor: tflite_table) throws -> ElementType {
    let code = tflite_int(tensor, "type")
    let name = tflite_tensor_type_name(Int32(truncatingIfNeeded: code)).map { String(cString: $0) }
    guard let name, let element = Self.elements[name] else {
      throw Diagnostic(
        .unsupportedTensorType(string(tensor, "name") ?? "", name ?? "code \(code)"),
        help: "supported are \(Self.elements.keys.sorted().joined(separator: ", "))")
    }
    return element
  }

  private static let elements: [String: ElementType] = [
    "FLOAT32": .f32, "FLOAT16": .f16, "BFLOAT16": .bf16, "INT4": .i4, "INT8": .i8, "UINT8": .u8,
    "INT16": .i16, "INT32": .i32, "UINT32": .u32, "INT64": .i64, "BOOL": .bool,
  ]

  /// Scales and zero points alone, whatever the tensor's shape; nil if the file gives none.
  func quantization(_ index: Int) throws -> Quantization? {
    let table = tflite_child(tflite_element(subgraph, "tensors", index), "quantization")
    guard table.data != nil else { return nil }
    let count = tflite_count(table, "scale")
    guard count > 0 else { return nil }
    let scales = (0..<count).map { Float(tflite_float_element(table, "scale", $0)) }
    let pointCount = tflite_count(table, "zero_point")
    guard pointCount == count || pointCount == 0 else {
      throw Diagnostic(
        .badTensorQuantization(name(index), "\(count) scales and \(pointCount) zero points"))
    }
    let points = (0..<count).map {
      pointCount == 0 ? 0 : Int(tflite_int_element(table, "zero_point", $0))
    }
    // A single scale serves the whole tensor, whatever axis the file names.
    let axis = count == 1 ? nil : Int(tflite_int(table, "quantized_dimension"))
    return Quantization(axis: axis, scales: scales, zeroPoints: points)
  }
}

extension Diagnostic.Message {
  fileprivate static func indexOutOfRange(_ index: Int, _ what: String, _ count: Int) -> Self {
    Self(
      id: "tensor-out-of-range", .malformed,
      "tensor \(index) among \(what) does not exist: there are \(count)")
  }

  fileprivate static func bufferOutOfRange(_ index: Int, _ tensor: String, _ count: Int) -> Self {
    Self(
      id: "buffer-out-of-range", .malformed,
      "buffer \(index) of tensor `\(tensor)` does not exist: there are \(count)")
  }

  fileprivate static func badTensorShape(_ tensor: String, _ extents: [Int]) -> Self {
    Self(id: "bad-tensor-shape", .malformed, "tensor `\(tensor)` has the shape \(extents)")
  }

  fileprivate static func badTensorQuantization(_ tensor: String, _ problem: String) -> Self {
    Self(id: "bad-tensor-quantization", .malformed, "tensor `\(tensor)`: \(problem)")
  }

  fileprivate static func bufferSize(_ tensor: String, found: Int, expected: Int) -> Self {
    Self(
      id: "buffer-size", .malformed,
      "the buffer of tensor `\(tensor)` has \(found) bytes, expected \(expected)")
  }

  fileprivate static func unsupportedTensorType(_ tensor: String, _ type: String) -> Self {
    Self(
      id: "unsupported-tensor-type", .unsupported,
      "tensor `\(tensor)` has elements of type \(type)")
  }
}
