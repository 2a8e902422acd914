import ProgramSchema
import Support

/// A table of a verified program file, with the path by which diagnostics name it.
///
/// The bytes of the file must stay where they are for as long as it is used.
struct ProgramTable {
  /// Such as `layers[3]`; empty for the root.
  let path: String
  private let table: dvp_table

  /// The root table `Program`.
  init(root file: FileBytes) {
    // The verifier has found it.
    let start = file.bytes.baseAddress!.assumingMemoryBound(to: UInt8.self)
    self.init(path: "", table: dvp_root(start))
  }

  private init(path: String, table: dvp_table) {
    self.path = path
    self.table = table
  }

  /// A number, or its default where the file does not have it.
  func integer(_ field: String) -> Int { Int(dvp_integer(table, field)) }

  /// A number that must be in a range.
  func integer(_ field: String, in range: Range<Int>) throws -> Int {
    let number = integer(field)
    guard range.contains(number) else { throw wrong(field, "is \(number), which cannot be") }
    return number
  }

  /// A number that counts something.
  func count(_ field: String) throws -> Int { try integer(field, in: 0..<Int.max) }

  /// An index, nil if it is −1.
  func index(_ field: String, below count: Int) throws -> Int? {
    let index = try integer(field, in: -1..<count)
    return index < 0 ? nil : index
  }

  /// A truth value.
  func flag(_ field: String) -> Bool { integer(field) != 0 }

  /// One of the values of an enumeration, by its number.
  func choice<Value>(_ field: String, of values: [Value]) throws -> Value {
    let number = integer(field)
    guard values.indices.contains(number) else {
      throw Diagnostic(.unknownValue(name(field), number), help: Self.newerHelp)
    }
    return values[number]
  }

  /// A text that must be there.
  func text(_ field: String) throws -> String {
    guard let text = try optionalText(field) else { throw wrong(field, "is missing") }
    return text
  }

  /// A text, nil where the file does not have it.
  func optionalText(_ field: String) throws -> String? {
    var count = 0
    guard let start = dvp_text(table, field, &count) else { return nil }
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw wrong(field, "is not UTF-8 text")
    }
    return text
  }

  /// A table that must be there.
  func child(_ field: String) throws -> ProgramTable {
    guard let child = optionalChild(field) else { throw wrong(field, "is missing") }
    return child
  }

  /// A table, nil where the file does not have it.
  func optionalChild(_ field: String) -> ProgramTable? {
    let child = dvp_child(table, field)
    return child.data == nil ? nil : ProgramTable(path: name(field), table: child)
  }

  /// All tables of a vector.
  func children(_ field: String) -> [ProgramTable] {
    (0..<dvp_count(table, field)).map {
      ProgramTable(path: "\(name(field))[\($0)]", table: dvp_element(table, field, $0))
    }
  }

  /// A copy of the numbers or structs in a vector.
  func items<Item: BitwiseCopyable>(_ field: String, as type: Item.Type = Item.self) -> [Item] {
    let source = bytes(field, itemSize: MemoryLayout<Item>.size)
    let count = source.count / MemoryLayout<Item>.size
    return Array(unsafeUninitializedCapacity: count) { items, initialized in
      UnsafeMutableRawBufferPointer(items).copyMemory(from: source)
      initialized = count
    }
  }

  /// The bytes of a vector, where they are in the file.
  func bytes(_ field: String, itemSize: Int = 1) -> UnsafeRawBufferPointer {
    let start = dvp_items(table, field, itemSize)
    return UnsafeRawBufferPointer(start: start, count: dvp_count(table, field) * itemSize)
  }

  /// What is wrong with a field.
  func wrong(_ field: String, _ problem: String) -> Diagnostic {
    Diagnostic(.wrongField(name(field), problem), help: Self.help)
  }

  /// What to do about a file that is damaged.
  static let help = "the file may be damaged or cut off: compile the model again"
  /// What to do about a file that is ahead of this release.
  static let newerHelp =
    "use the release of Dovetail that wrote the file, or compile the model again"

  private func name(_ field: String) -> String { path.isEmpty ? field : "\(path).\(field)" }
}

extension Diagnostic.Message {
  fileprivate static func wrongField(_ field: String, _ problem: String) -> Self {
    Self(id: "bad-program-file", .malformed, "`\(field)` \(problem)")
  }

  fileprivate static func unknownValue(_ field: String, _ number: Int) -> Self {
    Self(
      id: "unknown-in-program", .unsupported, "`\(field)` is \(number), which has no meaning here")
  }
}
