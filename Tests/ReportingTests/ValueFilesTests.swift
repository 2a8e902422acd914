import Foundation
import Reporting
import Simulation
import Support
import TestSupport
import Tensors
import Testing

/// `values.json` is a contract: scripts rely on its fields.
struct ValueFilesTests {
  private static let values = [
    NamedTensor(
      name: "scope/sum;other", index: 7,
      tensor: Tensor(
        TensorType(.i8, [1, 2], Quantization(scale: 0.5, zeroPoint: -3)), numbers: [1, -128])),
    NamedTensor(
      name: "💥/../x", index: nil, tensor: Tensor(TensorType(.f32, [2]), numbers: [0.5, 1])),
    NamedTensor(
      name: "", index: 9,
      tensor: Tensor(
        TensorType(.i8, [2], Quantization(axis: 0, scales: [1, 2], zeroPoints: [0, 4])),
        numbers: [1, 2])),
  ]

  @Test func entriesAreThoseOfTheContract() throws {
    let entries = try Self.written { folder in
      let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/values.json"))
      return try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
    }
    #expect(entries.count == 3)
    let fields = ["name", "index", "file", "elementType", "shape", "scale", "zeroPoint"]
    #expect(entries.allSatisfy { Set(fields).isSubset(of: $0.keys) })
    #expect(entries[0]["name"] as? String == "scope/sum;other")
    #expect(entries[0]["index"] as? Int == 7)
    #expect(entries[0]["elementType"] as? String == "i8")
    #expect(entries[0]["shape"] as? [Int] == [1, 2])
    #expect(entries[0]["scale"] as? Double == 0.5)
    #expect(entries[0]["zeroPoint"] as? Int == -3)
    #expect(entries[1]["index"] is NSNull && entries[1]["scale"] is NSNull)
    #expect(entries[2]["scale"] as? [Double] == [1, 2])
    #expect(entries[2]["zeroPoint"] as? [Int] == [0, 4])
  }

  /// Integers stay integers.
  @Test func filesHoldTheTensors() throws {
    try Self.written { folder in
      let found = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      #expect(found == ["1-_____x.npy", "7-scope_sum.npy", "9-.npy", "values.json"])
      let sum = try NumPyFile.read("\(folder)/7-scope_sum.npy")
      #expect(sum.type == TensorType(.i8, [1, 2]))
      #expect(sum.storedNumbers == [1, -128])
    }
  }

  @Test func valuesWithoutIndexDoNotOverwriteOthers() throws {
    let tensor = Tensor(TensorType(.f32, [1]), numbers: [1])
    let values = [
      NamedTensor(name: "a", index: 1, tensor: tensor),
      NamedTensor(name: "a", index: nil, tensor: tensor),
    ]
    try TestFiles.withFolder { folder in
      try ValueFiles.write(values, to: folder)
      let found = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(found.sorted() == ["1-a.npy", "1-a_.npy", "values.json"])
    }
  }

  private static func written<Result>(_ body: (String) throws -> Result) throws -> Result {
    try TestFiles.withFolder { folder in
      try ValueFiles.write(values, to: "\(folder)/new/folder")
      return try body("\(folder)/new/folder")
    }
  }
}
