import Support

/// Reads and writes `.npy` files, NumPy's format for one array (NEP 1, versions 1.0 to 3.0).
public enum NumPyFile {
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// The array in the file at `path`, without quantization.
  ///
  /// - Throws: a `Diagnostic` if the file cannot be read, ends early, or holds what no tensor can:
  ///   big-endian or other elements, column-major order, or an extent of 0.
  public static func read(_ path: String) throws -> Tensor {
    let file = try FileBytes(mapping: path)
    return try locating(in: Diagnostic.Place(file: path)) {
      let (type, start) = try layout(of: file.bytes)
      let part = UnsafeRawBufferPointer(rebasing: file.bytes[start..<start + type.byteCount])
      return Tensor(type, TensorData(part, of: file))
    }
  }

  /// The type of the array that a file of these bytes holds, and the byte at which its elements begin.
  ///
  /// - Throws: what `read` does, without the file.
  package static func layout(
    of bytes: UnsafeRawBufferPointer
  ) throws -> (type: TensorType, start: Int) {
    guard bytes.count >= 12, bytes.starts(with: magic), (1...3).contains(bytes[6]) else {
      throw Diagnostic(.notNumPy, help: "save it with `numpy.save`")
    }
    let lengthBytes = bytes[6] == 1 ? 2 : 4
    let length = (0..<lengthBytes).reduce(0) { $0 | Int(bytes[8 + $1]) << (8 * $1) }
    let start = 8 + lengthBytes + length
    guard start <= bytes.count else { throw Diagnostic(.truncated) }
    let header = String(decoding: bytes[(8 + lengthBytes)..<start], as: UTF8.self)
    let type = try parse(header)
    guard bytes.count - start >= type.byteCount else { throw Diagnostic(.truncated) }
    return (type, start)
  }

  /// The bytes of a file that holds `tensor`. Types that NumPy lacks are widened: 4 bits to 8, `bf16` and 8-bit floats to
  /// float32.
  public static func bytes(of tensor: Tensor) -> [UInt8] {
    let stored = widened(tensor)
    let extents = tensor.type.shape.extents.map(String.init).joined(separator: ", ")
    // It was widened to one of them.
    let descriptor = descriptors.first { $0.element == stored.type.element }!.text
    // A tuple of one needs a comma in Python.
    let tuple = tensor.type.shape.rank == 1 ? "(\(extents),)" : "(\(extents))"
    var header = "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': \(tuple), }"
    // The elements begin at a multiple of 64; magic, version and length take 10 bytes.
    header += String(repeating: " ", count: 63 - (header.utf8.count + 10) % 64) + "\n"
    let length = UInt16(header.utf8.count)
    return magic + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)] + Array(header.utf8)
      + Array(stored.data.bytes)
  }

  private static let descriptors: [(text: String, element: ElementType)] = [
    ("<f8", .f64), ("<f4", .f32), ("<f2", .f16), ("|i1", .i8), ("|u1", .u8), ("<i2", .i16),
    ("<u2", .u16), ("<i4", .i32), ("<u4", .u32), ("<i8", .i64), ("<u8", .u64), ("|b1", .bool),
  ]

  private static func widened(_ tensor: Tensor) -> Tensor {
    switch tensor.type.element {
    case .i4: Tensor(TensorType(.i8, tensor.type.shape), numbers: tensor.storedNumbers)
    case .u4: Tensor(TensorType(.u8, tensor.type.shape), numbers: tensor.storedNumbers)
    case .bf16, .f8e4m3, .f8e5m2:
      Tensor(TensorType(.f32, tensor.type.shape), numbers: tensor.storedNumbers)
    default: tensor
    }
  }

  /// The type in a header such as `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
  private static func parse(_ header: String) throws -> TensorType {
    guard let descriptor = field("descr", of: header)?.split(separator: "'").first,
      let order = field("fortran_order", of: header),
      let tuple = field("shape", of: header), tuple.first == "(",
      let end = tuple.firstIndex(of: ")")
    else { throw Diagnostic(.notNumPy, help: "save it with `numpy.save`") }
    // Without its first character: for single bytes `<i1` and `|i1` mean the same.
    guard let element = descriptors.first(where: { $0.text.dropFirst() == descriptor.dropFirst() }),
      descriptor.first != ">"
    else {
      throw Diagnostic(
        .unsupportedElement(String(descriptor)),
        help:
          "convert it with `astype` to one of \(descriptors.map(\.text).joined(separator: ", "))")
    }
    guard order.hasPrefix("False") else {
      throw Diagnostic(.fortranOrder, help: "save `numpy.ascontiguousarray(array)`")
    }
    // What is no number becomes −1, which no shape may have.
    let list = tuple[..<end].dropFirst()
    let extents = list.split(whereSeparator: { $0 == "," || $0 == " " }).map { Int($0) ?? -1 }
    guard let shape = Shape(checking: extents) else {
      throw Diagnostic(.badShape("(\(list))"))
    }
    return TensorType(element.element, shape)
  }

  /// What follows `'name':` in the header.
  private static func field(_ name: String, of header: String) -> Substring? {
    guard let range = header.firstRange(of: "'\(name)':") else { return nil }
    return header[range.upperBound...].drop(while: { $0 == " " })
  }
}

extension Diagnostic.Message {
  fileprivate static var notNumPy: Self {
    Self(id: "not-numpy", .malformed, "is not a NumPy array file")
  }

  fileprivate static var truncated: Self {
    Self(id: "truncated-numpy", .malformed, "ends before the array does")
  }

  fileprivate static func unsupportedElement(_ descriptor: String) -> Self {
    Self(id: "unsupported-numpy-type", .unsupported, "holds elements of type `\(descriptor)`")
  }

  fileprivate static var fortranOrder: Self {
    Self(id: "fortran-order", .unsupported, "holds an array in column-major order")
  }

  fileprivate static func badShape(_ shape: String) -> Self {
    Self(id: "bad-numpy-shape", .malformed, "has the shape \(shape)")
  }
}
