import ProgramSchema
import Support

/// A program file in the making: what is referred to is written before what refers to it.
///
/// A class because it owns the memory of the file.
final class ProgramWriter {
  private let writer: OpaquePointer

  /// - Parameter capacity: the size that is expected, so that large parts are not moved as the file grows.
  init(capacity: Int) { writer = dvp_make_writer(capacity) }

  deinit { dvp_free_writer(writer) }

  /// The value of a field.
  enum Field {
    case integer(Int)
    case flag(Bool)
    case reference(dvp_reference)
    /// A field that the file does not have.
    case none
  }

  /// Writes a table with its fields; texts, vectors and other tables are written before.
  func table(_ type: String, _ fields: KeyValuePairs<String, Field>) -> Field {
    dvp_begin_table(writer, type)
    for (name, field) in fields {
      switch field {
      case .integer(let number): dvp_set_integer(writer, name, Int64(number))
      case .flag(let flag): dvp_set_integer(writer, name, flag ? 1 : 0)
      case .reference(let reference): dvp_set_reference(writer, name, reference)
      case .none: break
      }
    }
    return .reference(dvp_end_table(writer))
  }

  func text(_ text: String) -> Field {
    var text = text
    return text.withUTF8 { utf8 in
      utf8.withMemoryRebound(to: CChar.self) {
        // A text without bytes has no address, but a place in the file all the same.
        .reference(dvp_write_text(writer, $0.baseAddress ?? Self.empty, $0.count))
      }
    }
  }

  func text(_ optional: String?) -> Field { optional.map { text($0) } ?? .none }

  /// A vector of numbers or structs, for a field of a table's type.
  func items<Item: BitwiseCopyable>(_ items: [Item], _ type: String, _ field: String) -> Field {
    items.withUnsafeBytes { self.items($0, MemoryLayout<Item>.size, type, field) }
  }

  /// A vector of bytes, for a field of a table's type.
  func bytes(_ bytes: UnsafeRawBufferPointer, _ type: String, _ field: String) -> Field {
    items(bytes, 1, type, field)
  }

  private func items(
    _ bytes: UnsafeRawBufferPointer, _ size: Int, _ type: String, _ field: String
  ) -> Field {
    .reference(
      dvp_write_items(writer, type, field, bytes.baseAddress, bytes.count / size, size))
  }

  /// A vector of tables that were written.
  func tables(_ tables: [Field]) -> Field {
    let references = tables.map { table in
      guard case .reference(let reference) = table else {
        preconditionFailure("tables are referred to")
      }
      return reference
    }
    return .reference(dvp_write_tables(writer, references, references.count))
  }

  /// Ends the file with its root table, and lets `body` read the bytes.
  func finish<Result>(
    _ root: Field, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    guard case .reference(let reference) = root else {
      preconditionFailure("the root is a table")
    }
    var count = 0
    let start = dvp_finish(writer, reference, &count)
    return try body(UnsafeRawBufferPointer(start: start, count: count))
  }

  private nonisolated(unsafe) static let empty = UnsafePointer<CChar>(
    UnsafeMutablePointer<CChar>.allocate(capacity: 1))
}
