import Support
import TFLiteSchema
import Tensors

/// A TFLite file that is being made: what all its subgraphs share.
///
/// A class because it owns the memory of the file's tables.
final class TFLiteFile {
  /// The root table.
  let model: TFLiteTable
  private let draft: OpaquePointer
  private var subgraphCount = 0
  private var operatorCodes: [OperatorCode: Int] = [:]
  private var bufferCount = 0
  /// By where the bytes are: constants that share them share a buffer, too.
  private var buffers: [UnsafeRawPointer: Int] = [:]
  /// The tables refer to the bytes of these.
  private var kept: [TensorData] = []

  private struct OperatorCode: Hashable {
    let kind: String
    let version: Int
  }

  init() {
    draft = tflite_make_model()
    model = TFLiteTable(draft)
    model.set("version", .integer(3))
    model.set("description", .text("made by Dovetail"))
    // By convention the first buffer is empty: tensors that are computed refer to it.
    _ = addBuffer()
  }

  deinit { tflite_free_model(draft) }

  /// A further subgraph, and its number.
  func addSubgraph(named name: String) -> (number: Int, table: TFLiteTable) {
    let table = model.appending("subgraphs")
    table.set("name", .text(name))
    defer { subgraphCount += 1 }
    return (subgraphCount, table)
  }

  /// The number of an operator's code: of a built-in operator, or of a custom one with a name of its own.
  func code(_ kind: String, isCustom: Bool, version: Int) -> Int {
    let code = OperatorCode(kind: kind, version: version)
    if let number = operatorCodes[code] { return number }
    let table = model.appending("operator_codes")
    table.set(operator: isCustom ? "CUSTOM" : kind)
    if isCustom { table.set("custom_code", .text(kind)) }
    table.set("version", .integer(version))
    operatorCodes[code] = operatorCodes.count
    return operatorCodes.count - 1
  }

  /// The number of a buffer with these bytes; 0 if there are none.
  func buffer(_ data: TensorData) -> Int {
    guard data.byteCount > 0, let start = data.bytes.baseAddress else { return 0 }
    if let number = buffers[start] { return number }
    kept.append(data)
    addBuffer().set("data", borrowing: data.bytes)
    buffers[start] = bufferCount - 1
    return bufferCount - 1
  }

  private func addBuffer() -> TFLiteTable {
    bufferCount += 1
    return model.appending("buffers")
  }

  /// Keeps bytes that tables refer to, and gives them.
  func keep(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
    let data = TensorData(bytes)
    kept.append(data)
    return data.bytes
  }

  /// All bytes of the file.
  ///
  /// - Throws: a `Diagnostic` if they would be more than the format allows.
  func finished() throws -> [UInt8] {
    var count = 0
    guard let start = tflite_finish(draft, &count) else {
      throw Diagnostic(
        .tooLarge, help: "quantize the weights, or write the text form: name the file `.graph`")
    }
    return Array(UnsafeBufferPointer(start: start, count: count))
  }
}

extension Diagnostic.Message {
  fileprivate static var tooLarge: Self {
    Self(
      id: "tflite-too-large", .unsupported, "the model has more than the 2 GiB of a TFLite file")
  }
}
