import Foundation
import Support
import Tensors

/// The text form; `GraphParser` reads it back.
///
///     graph digits(%image: i8<0.5>[1, 8]) {
///       %w = constant(#0) : i8<0.25>[4, 8]
///       %y = fully_connected(%image, %w) : i8<0.5:-3>[1, 4] from FULLY_CONNECTED 0
///       return %y
///     }
///     #0 = data("AQIDBA==")
///     %y = tensor 7 "dense/MatMul;dense/BiasAdd"
///
/// A tensor that outlives a run is `%cache = state(#1) : f32[1, 8]`, read as a constant is, and replaced at the end of
/// the run by what a line `next %cache = %new` names.
///
/// Long constants, long lists of scales, and names that are no identifiers stand below the graph, as footnotes do.
extension Graph: CustomStringConvertible {
  /// How constants print whose elements do not fit in the line.
  public enum ConstantText: Sendable {
    /// In full, so that the text parses back to an equal graph.
    case full
    /// As `elided`, for people to read.
    case elided
  }

  /// The text in full, which parses back to an equal graph.
  public var description: String { text() }

  /// The text form, with constants as the caller wants them.
  ///
  /// - Parameter literal: the text for a constant's data, where the caller knows a better one.
  public func text(
    constants: ConstantText = .full, literal: (TensorData) -> String? = { _ in nil }
  ) -> String {
    withoutActuallyEscaping(literal) { literal in
      var printer = GraphPrinter(graph: self, constants: constants, literal: literal)
      return printer.print()
    }
  }
}

private struct GraphPrinter {
  let graph: Graph
  let constants: Graph.ConstantText
  let literal: (TensorData) -> String?
  var identifiers: [ValueID: String] = [:]
  var notes: [String] = []
  var constantNotes = 0
  var scaleNotes: [Quantization: Int] = [:]

  mutating func print() -> String {
    let definitions =
      graph.entries + graph.usedConstants + graph.order.flatMap { graph.nodes[$0].results }
    chooseIdentifiers(definitions)
    var lines = [
      "graph \(graph.name)(\(graph.inputs.map { parameter($0) }.joined(separator: ", "))) {"
    ]
    lines += graph.states.map { definition($0.current, "state", $0.initial) }
    lines += graph.usedConstants.map { definition($0, "constant", graph.constantData($0)) }
    lines += graph.order.map { statement($0) }
    lines += graph.states.filter { $0.next != $0.current }
      .map { "  next \(identifiers[$0.current]!) = \(identifiers[$0.next]!)" }
    lines.append("  return " + graph.outputs.map { identifiers[$0]! }.joined(separator: ", "))
    lines.append("}")
    return (lines + notes + definitions.compactMap(tensorNote) + eliminatedNote).joined(
      separator: "\n") + "\n"
  }

  /// A value's own name if it is a short identifier that no other value has, else its number.
  private mutating func chooseIdentifiers(_ definitions: [ValueID]) {
    var taken: Set<String> = []
    for (number, id) in definitions.enumerated() {
      let name = graph.values[id].name
      let isUsable = isIdentifier(name) && taken.insert(name).inserted
      identifiers[id] = "%" + (isUsable ? name : String(number))
    }
  }

  private mutating func parameter(_ id: ValueID) -> String {
    "\(identifiers[id]!): \(type(graph.values[id].type))"
  }

  /// A line for a value that begins with known bytes, of the kind `constant` or `state`.
  private mutating func definition(_ id: ValueID, _ kind: String, _ data: TensorData?) -> String {
    let type = graph.values[id].type
    return "  \(identifiers[id]!) = \(kind)(\(content(type, data))) : \(self.type(type))"
  }

  private mutating func statement(_ id: NodeID) -> String {
    let node = graph.nodes[id]
    let results = node.results.map { identifiers[$0]! }.joined(separator: ", ")
    let operands = node.inputs.map { identifiers[$0]! }.joined(separator: ", ")
    let attributes = AttributeText.encode(node.op).map { " " + $0 } ?? ""
    let types = node.results.map { type(graph.values[$0].type) }.joined(separator: ", ")
    return
      "  \(results) = \(node.kind)(\(operands))\(attributes) : \(types)\(sources(node.sources))"
  }

  private func sources(_ sources: [SourceOperator]) -> String {
    guard !sources.isEmpty else { return "" }
    return " from " + sources.map { "\($0.kind) \($0.index)" }.joined(separator: ", ")
  }

  private mutating func type(_ type: TensorType) -> String {
    guard let quantization = type.quantization, quantization.scales.count > 4 else {
      return type.description
    }
    if scaleNotes[quantization] == nil {
      scaleNotes[quantization] = scaleNotes.count
      notes.append("#s\(scaleNotes.count - 1) = scales(\(quantization))")
    }
    return "\(type.element.rawValue)<#s\(scaleNotes[quantization]!)>\(type.shape)"
  }

  private mutating func content(_ type: TensorType, _ data: TensorData?) -> String {
    guard let data else { return "elided" }
    if let text = literal(data) { return text }
    if type.elementCount <= 8 {
      let numbers = Tensor(type, data).storedNumbers
      // A `Double` does not hold every `i64`, nor its text the payload of a NaN.
      if type.element != .i64, numbers.allSatisfy(\.isFinite) {
        return "dense(\(numbers.map { number($0) }.joined(separator: ", ")))"
      }
    }
    guard constants == .full else { return "elided" }
    notes.append("#\(constantNotes) = data(\"\(Data(data.bytes).base64EncodedString())\")")
    constantNotes += 1
    return "#\(constantNotes - 1)"
  }

  /// Integers stand without a fraction; −0 keeps its own, or it would lose its sign.
  private func number(_ number: Double) -> String {
    let isSmallInteger = number == number.rounded() && abs(number) < 1e15
    return isSmallInteger && !(number == 0 && number.sign == .minus)
      ? String(Int(number)) : String(number)
  }

  /// The tensor's index and name in the model file, where the identifier does not tell them.
  private func tensorNote(_ id: ValueID) -> String? {
    let value = graph.values[id]
    // A number is the name that `insert` gives, unless the user knows the value by it.
    let isKnownByName =
      Int(value.name) == nil || value.sourceIndex != nil || graph.entries.contains(id)
    let needsName = identifiers[id] != "%\(value.name)" && isKnownByName
    let index = value.sourceIndex.map { " \($0)" } ?? ""
    guard needsName || !index.isEmpty else { return nil }
    let name = needsName ? " \"\(escaped(value.name))\"" : ""
    return "\(identifiers[id]!) = tensor\(index)\(name)"
  }

  private var eliminatedNote: [String] {
    graph.eliminated.isEmpty ? [] : ["eliminated" + sources(graph.eliminated)]
  }

  private func isIdentifier(_ name: String) -> Bool {
    guard let first = name.utf8.first, name.utf8.count <= 40 else { return false }
    let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
    return !isDigit && name.utf8.allSatisfy(TextScanner.isWordByte)
  }

  /// Control characters, and those that end a line or turn the direction of text: names should read as what they are.
  private static func isUnseen(_ scalar: Unicode.Scalar) -> Bool {
    guard scalar.value >= 0x7f else { return scalar.value < 0x20 }
    return scalar.properties.generalCategory == .control || scalar.properties.isBidiControl
      || scalar.value == 0x2028 || scalar.value == 0x2029
  }

  private func escaped(_ name: String) -> String {
    var text = ""
    for scalar in name.unicodeScalars {
      switch scalar {
      case "\"", "\\": text += "\\\(scalar)"
      case _ where Self.isUnseen(scalar):
        text += "\\u{\(String(scalar.value, radix: 16))}"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
