import Simulation
import Support
import Tensors

/// Writes values as `.npy` files, and `values.json`, which says what is in them.
public enum ValueFiles {
  /// One entry of `values.json`.
  struct Entry: Encodable {
    let name: String
    @ExplicitNull var index: Int?
    let file: String
    let elementType: String
    let shape: [Int]
    @ExplicitNull var scale: Scales?
    @ExplicitNull var zeroPoint: ZeroPoints?
    @ExplicitNull var axis: Int?
  }

  /// One number, or a list along an axis.
  enum OneOrMany<Number: Codable & Hashable & Sendable>: Codable, Hashable, Sendable {
    case one(Number)
    case many([Number])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Number.self) {
        self = .one(number)
      } else {
        self = .many(try container.decode([Number].self))
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .one(let number): try container.encode(number)
      case .many(let numbers): try container.encode(numbers)
      }
    }
  }

  typealias Scales = OneOrMany<Float>
  typealias ZeroPoints = OneOrMany<Int>

  /// - Throws: a `Diagnostic` if the folder or a file cannot be written.
  public static func write(_ values: [NamedTensor], to folder: String) throws {
    try FileBytes.createFolder(folder)
    var entries: [Entry] = []
    var taken: Set<String> = []
    for (position, value) in values.enumerated() {
      let stem = fileStem(value.name, value.index ?? position, &taken)
      let entry = entry(value, file: "\(stem).npy")
      try FileBytes.write(NumPyFile.bytes(of: value.tensor), to: "\(folder)/\(entry.file)")
      entries.append(entry)
    }
    try FileBytes.write(Array(JSONText.encode(entries).utf8), to: "\(folder)/values.json")
  }

  private static func entry(_ value: NamedTensor, file: String) -> Entry {
    let type = value.tensor.type
    let quantization = type.quantization
    return Entry(
      name: value.name, index: value.index,
      file: file,
      elementType: type.element.rawValue, shape: type.shape.extents,
      scale: quantization.map { $0.isPerTensor ? .one($0.scale) : .many($0.scales) },
      zeroPoint: quantization.map { $0.isPerTensor ? .one($0.zeroPoint) : .many($0.zeroPoints) },
      axis: quantization?.axis)
  }

  /// The index makes the name unique, unless some values have none; the words of the tensor's name make it readable.
  private static func fileStem(_ name: String, _ index: Int, _ taken: inout Set<String>) -> String {
    let first = JoinedNames.first(of: name)
    let words = first.suffix(40).map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
    var stem = "\(index)-\(String(words))"
    while !taken.insert(stem).inserted { stem += "_" }
    return stem
  }
}
