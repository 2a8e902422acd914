import Support
import TestSupport
import Tensors
import Testing

struct NumPyFileTests {
  private static let shapes: [Shape] = [[], [1], [5], [2, 3], [1, 2, 3, 4]]

  @Test(arguments: ElementType.allCases, shapes)
  func roundTrip(element: ElementType, shape: Shape) throws {
    let tensor = Tensor.random(TensorType(element, shape), seed: 5)
    let read = try readBack(NumPyFile.bytes(of: tensor))
    #expect(read.type.shape == shape)
    #expect(read.storedNumbers == tensor.storedNumbers)
    let isWidened = [.i4, .u4, .bf16, .f8e4m3, .f8e5m2].contains(element)
    #expect(isWidened || read.type.element == element)
  }

  /// Source: the bytes that NumPy 2.4 writes for `numpy.save(file, numpy.array([[1, 2]], dtype='<i2'))`.
  @Test func bytesAreThoseOfNumPy() {
    let header = "{'descr': '<i2', 'fortran_order': False, 'shape': (1, 2), }"
    let padded = header + String(repeating: " ", count: 118 - header.utf8.count - 1) + "\n"
    let expected: [UInt8] =
      [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(padded.utf8) + [1, 0, 2, 0]
    let tensor = Tensor(TensorType(.i16, [1, 2]), numbers: [1, 2])
    #expect(NumPyFile.bytes(of: tensor) == expected)
  }

  @Test func largerHeadersOfVersionTwoAreRead() throws {
    let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }\n"
    let file = [0x93] + Array("NUMPY".utf8) + [2, 0] + [UInt8(header.utf8.count), 0, 0, 0]
    #expect(try readBack(file + Array(header.utf8) + [3, 4]).storedNumbers == [3, 4])
  }

  /// Headers that must be refused, with the id of the diagnostic.
  static let hostileHeaders = [
    ("", "not-numpy"),
    ("{}", "not-numpy"),
    ("{'descr': '<f4', 'fortran_order': False}", "not-numpy"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': 5}", "not-numpy"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': ", "not-numpy"),
    ("{'descr': '>f4', 'fortran_order': False, 'shape': (1,)}", "unsupported-numpy-type"),
    ("{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}", "unsupported-numpy-type"),
    ("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", "unsupported-numpy-type"),
    ("{'descr': '', 'fortran_order': False, 'shape': (1,)}", "unsupported-numpy-type"),
    ("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", "unsupported-numpy-type"),
    ("{'descr': '<f4', 'fortran_order': True, 'shape': (1,)}", "fortran-order"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (-3,)}", "bad-numpy-shape"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (x,)}", "bad-numpy-shape"),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
      "bad-numpy-shape"
    ),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}",
      "bad-numpy-shape"
    ),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", "truncated-numpy"),
    ("{'descr': '<i8', 'fortran_order': False, 'shape': (1099511627776,)}", "truncated-numpy"),
  ]

  @Test(arguments: 0..<hostileHeaders.count)
  func hostileHeader(_ number: Int) throws {
    let (header, id) = Self.hostileHeaders[number]
    let bytes = header.utf8
    let file: [UInt8] =
      [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(bytes.count), 0] + Array(bytes) + [1, 2, 3, 4]
    let problem = try #require(throws: Diagnostic.self) { try readBack(file) }
    #expect(problem.message.id == id, "\(header)")
  }

  @Test func everyTruncationIsReported() throws {
    let whole = NumPyFile.bytes(of: Tensor.random(TensorType(.f32, [3]), seed: 1))
    for count in 0..<whole.count {
      #expect(throws: Diagnostic.self) { try readBack(Array(whole.prefix(count))) }
    }
  }

  private func readBack(_ bytes: [UInt8]) throws -> Tensor {
    try TestFiles.withFolder { folder in
      try FileBytes.write(bytes, to: "\(folder)/array.npy")
      return try NumPyFile.read("\(folder)/array.npy")
    }
  }
}
