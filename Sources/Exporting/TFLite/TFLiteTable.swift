import Operators
import TFLiteSchema

/// What a field of a table is set to.
enum TFLiteField: Sendable {
  case integer(Int)
  case boolean(Bool)
  case real(Float)
  /// A value by the name that the schema gives it.
  case name(String)
  case text(String)
  case integers([Int])
  case reals([Float])
  /// The number that a graph has among the file's subgraphs.
  case subgraph(Subgraph)
}

/// A table of a file to be. It is a view: the file's model owns it.
struct TFLiteTable {
  private let draft: OpaquePointer

  init(_ draft: OpaquePointer) { self.draft = draft }

  /// Sets a field that has such a value; of a subgraph, its number must be known by then.
  func set(_ field: String, _ value: TFLiteField) {
    switch value {
    case .integer(let number): tflite_set_int(draft, field, Int64(number))
    case .boolean(let isSet): tflite_set_int(draft, field, isSet ? 1 : 0)
    case .real(let number): tflite_set_float(draft, field, Double(number))
    case .name(let name): tflite_set_name(draft, field, name)
    case .text(let text): tflite_set_text(draft, field, text, text.utf8.count)
    case .integers(let list): tflite_set_ints(draft, field, list.map(Int64.init), list.count)
    case .reals(let list): tflite_set_floats(draft, field, list, list.count)
    case .subgraph: preconditionFailure("a subgraph is referred to by its number")
    }
  }

  /// Sets a field of bytes, which must stay where they are until the file is finished.
  func set(_ field: String, borrowing bytes: UnsafeRawBufferPointer) {
    tflite_set_bytes(
      draft, field, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
  }

  /// Says which built-in operator a table `OperatorCode` stands for.
  func set(operator name: String) { tflite_set_operator(draft, name) }

  /// An empty table in a field, of the given type where the field can hold several.
  func child(_ field: String, _ type: String? = nil) -> TFLiteTable {
    TFLiteTable(tflite_set_table(draft, field, type))
  }

  /// An empty table behind those of a vector.
  func appending(_ field: String) -> TFLiteTable { TFLiteTable(tflite_append(draft, field)) }
}
