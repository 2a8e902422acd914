import Foundation
import ONNXSchema
import Support
import Tensors

/// Reads tensors out of an ONNX file, or out of files beside it.
struct ONNXTensors {
  /// The folder of the model; nil where no other file may be read.
  let folder: String?
  /// What reading the file may still cost.
  let budget: ONNXBudget

  /// - Throws: a `Diagnostic` if the shape cannot be, the type is not supported, or there are not as many bytes as both ask
  ///   for.
  func tensor(_ message: ONNXTensorProto) throws -> Tensor {
    let type = TensorType(
      try Self.element(Int(message.dataType), message.name), try Self.shape(message))
    return Tensor(type, try data(message, type))
  }

  /// The element type of a number of the standard's `DataType`.
  static func element(_ number: Int, _ name: String) throws -> ElementType {
    guard let element = elements[number] else {
      throw Diagnostic(
        .elementType(number, name), help: number == 8 ? "strings have no place on an NPU" : nil)
    }
    return element
  }

  private static let elements: [Int: ElementType] = [
    1: .f32, 2: .u8, 3: .i8, 4: .u16, 5: .i16, 6: .i32, 7: .i64, 9: .bool, 10: .f16, 11: .f64,
    12: .u32, 13: .u64, 16: .bf16, 17: .f8e4m3, 19: .f8e5m2, 21: .u4, 22: .i4,
  ]

  private static func shape(_ message: ONNXTensorProto) throws -> Shape {
    guard let shape = Shape(checking: message.dims.map { Int($0) }) else {
      throw Diagnostic(.tensorShape(message.name, message.dims))
    }
    return shape
  }

  private func data(_ message: ONNXTensorProto, _ type: TensorType) throws -> TensorData {
    if message.dataLocation == 1 { return try external(message, type) }
    if message.hasRawData {
      try Self.check(message.rawData.count, type, message.name)
      return TensorData(byteCount: type.byteCount) { memory in
        message.rawData.withUnsafeBytes { memory.copyMemory(from: $0) }
      }
    }
    return try Self.typedData(message, type)
  }

  /// The elements in the field that their type has.
  private static func typedData(_ message: ONNXTensorProto, _ type: TensorType) throws -> TensorData
  {
    switch type.element {
    case .f32: try data(message.floatData, type, message.name)
    case .f64: try data(message.doubleData, type, message.name)
    case .i64: try data(message.int64Data, type, message.name)
    case .u64: try data(message.uint64Data, type, message.name)
    case .u32:
      try data(message.uint64Data.map { UInt32(truncatingIfNeeded: $0) }, type, message.name)
    case .i32: try data(message.int32Data, type, message.name)
    case .i16, .u16, .f16, .bf16:
      try data(message.int32Data.map { UInt16(truncatingIfNeeded: $0) }, type, message.name)
    case .i8, .u8, .bool, .f8e4m3, .f8e5m2:
      try data(message.int32Data.map { UInt8(truncatingIfNeeded: $0) }, type, message.name)
    case .i4, .u4:
      try data(message.int32Data.map { UInt8(truncatingIfNeeded: $0) }, type, message.name)
    }
  }

  private static func data<Element: BitwiseCopyable>(
    _ elements: [Element], _ type: TensorType, _ name: String
  ) throws -> TensorData {
    try check(elements.count * MemoryLayout<Element>.stride, type, name)
    return TensorData(elements)
  }

  private static func check(_ count: Int, _ type: TensorType, _ name: String) throws {
    guard count == type.byteCount else {
      throw Diagnostic(
        .byteCount(name, found: count, type),
        help: "the file is truncated or damaged: export or fetch it again")
    }
  }
}

extension ONNXTensors {
  /// The elements of a sparse tensor, with zeros between them.
  func dense(_ message: ONNXSparseTensorProto) throws -> Tensor {
    let values = try tensor(message.values)
    let places = try tensor(message.indices)
    let name = message.values.name
    guard let shape = Shape(checking: message.dims.map { Int($0) }), places.type.element == .i64,
      // Zeros are nowhere in the file, so their number is not bounded by its size.
      shape.elementCount <= 1 << 28, values.type.shape.rank == 1
    else { throw Diagnostic(.sparseTensor(name)) }
    let flat = try Self.flatIndices(places, shape, values.type.elementCount, name)
    let type = TensorType(values.type.element, shape)
    try budget.take(byteCount: type.byteCount)
    return Tensor(
      type,
      TensorData(byteCount: type.byteCount) { memory in
        for (index, place) in flat.enumerated() {
          let number = values.type.element.load(from: values.data.bytes, at: index)
          type.element.store(number, in: memory, at: place)
        }
      })
  }

  private static func flatIndices(
    _ places: Tensor, _ shape: Shape, _ count: Int, _ name: String
  ) throws -> [Int] {
    let numbers = places.data.elements(as: Int64.self).map { Int($0) }
    let depth = places.type.shape.rank == 2 ? places.type.shape[1] : 1
    let steps = places.type.shape.rank == 2 ? shape.strides : [1]
    let extents = places.type.shape.rank == 2 ? shape.extents : [shape.elementCount]
    guard depth == steps.count, numbers.count == count * depth else {
      throw Diagnostic(.sparseTensor(name))
    }
    return try (0..<count).map { index in
      let position = numbers[index * depth..<(index + 1) * depth]
      guard zip(position, extents).allSatisfy({ (0..<$1).contains($0) }) else {
        throw Diagnostic(.sparseTensor(name))
      }
      return zip(position, steps).reduce(0) { $0 + $1.0 * $1.1 }
    }
  }
}

extension ONNXTensors {
  /// The elements in another file of the model's folder, which is mapped.
  private func external(_ message: ONNXTensorProto, _ type: TensorType) throws -> TensorData {
    var entries: [String: String] = [:]
    for entry in message.externalData { entries[entry.key] = entry.value }
    let path = try path(of: entries["location"] ?? "", message.name)
    let file = try Self.file(path, message.name)
    budget.add(file: path, byteCount: file.bytes.count)
    let offset = Int(entries["offset"] ?? "0") ?? -1
    let length = entries["length"].map { Int($0) ?? -1 } ?? type.byteCount
    guard length == type.byteCount, offset >= 0, offset <= file.bytes.count,
      length <= file.bytes.count - offset
    else { throw Diagnostic(.externalRange(message.name, offset, length, file.bytes.count)) }
    return TensorData(
      UnsafeRawBufferPointer(rebasing: file.bytes[offset..<offset + length]), of: file)
  }

  private static func file(_ path: String, _ name: String) throws -> FileBytes {
    do {
      return try FileBytes(mapping: path)
    } catch let problem as Diagnostic {
      throw Diagnostic(
        .error, problem.message, at: problem.place,
        help: "the data of tensor `\(name)` is in this file, which belongs beside the model")
    }
  }

  /// - Throws: a `Diagnostic` if the location leads out of the model's folder, links followed.
  private func path(of location: String, _ name: String) throws -> String {
    guard let folder else { throw Diagnostic(.externalLocation(name, location)) }
    let isPlain =
      !location.isEmpty && !location.hasPrefix("/") && !location.contains("\0")
      && !location.split(separator: "/").contains("..")
    let path = "\(folder)/\(location)"
    guard isPlain, Self.resolved(path).hasPrefix(Self.resolved(folder) + "/") else {
      throw Diagnostic(
        .externalLocation(name, location), help: "external data lies beside the model, or below it")
    }
    return path
  }

  /// The path without links; as it is where there is no such file, which reading then reports.
  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else {
      let parts = path.split(separator: "/", omittingEmptySubsequences: false)
      // The folder still counts: a missing file may be named, but not one elsewhere.
      return parts.count > 1
        ? resolved(parts.dropLast().joined(separator: "/")) + "/" + parts[parts.count - 1] : path
    }
    defer { free(real) }
    return String(cString: real)
  }
}

extension ONNXTensors {
  /// Of a file that is no model, and names no other.
  fileprivate init(alone file: FileBytes) {
    self.init(folder: nil, budget: ONNXBudget(given: file.bytes.count))
  }
}

extension Tensor {
  /// The tensor in a file that holds one `TensorProto`, as the standard's test data does.
  ///
  /// - Throws: a `Diagnostic` if the file is damaged, or its elements are of a type that is not supported.
  public init(onnxTensor path: String) throws {
    let file = try FileBytes(mapping: path)
    self = try locating(in: Diagnostic.Place(file: path)) {
      try ONNXTensors(alone: file).tensor(file.onnxMessage(ONNXTensorProto.self))
    }
  }

  /// The tensors in a file that holds one `SequenceProto`.
  public static func sequence(onnxSequence path: String) throws -> [Tensor] {
    let file = try FileBytes(mapping: path)
    return try locating(in: Diagnostic.Place(file: path)) {
      try file.onnxMessage(ONNXSequenceProto.self).tensorValues.map(
        ONNXTensors(alone: file).tensor)
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func elementType(_ number: Int, _ name: String) -> Self {
    Self(
      id: "onnx-element-type", .unsupported,
      "`\(name)` has elements of the standard's type \(number), which are not supported")
  }

  fileprivate static func tensorShape(_ name: String, _ extents: [Int64]) -> Self {
    Self(
      id: "onnx-tensor-shape", .malformed, "tensor `\(name)` has the impossible shape \(extents)")
  }

  fileprivate static func byteCount(_ name: String, found: Int, _ type: TensorType) -> Self {
    Self(
      id: "onnx-tensor-size", .malformed,
      "tensor `\(name)` of type \(type) has \(found) bytes, expected \(type.byteCount)")
  }

  fileprivate static func sparseTensor(_ name: String) -> Self {
    Self(
      id: "onnx-sparse-tensor", .malformed,
      "the values, indices and shape of sparse tensor `\(name)` do not go together")
  }

  fileprivate static func externalLocation(_ name: String, _ location: String) -> Self {
    Self(
      id: "external-location", .malformed,
      "the data of tensor `\(name)` would be in `\(location)`, outside of the model's folder")
  }

  fileprivate static func externalRange(
    _ name: String, _ offset: Int, _ length: Int, _ count: Int
  ) -> Self {
    Self(
      id: "external-range", .malformed,
      "the data of tensor `\(name)` would be \(length) bytes at \(offset) of a file of \(count)")
  }
}
