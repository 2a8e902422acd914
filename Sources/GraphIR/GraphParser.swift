import Support
import Tensors

/// Reads the text form of a graph; `Graph+Text.swift` shows it.
public struct GraphParser {
  /// The graph that was read.
  public private(set) var graph: Graph
  /// The generated constants of the text, with the words that stood for them, such as `random(7)`.
  public private(set) var literals: [(data: TensorData, text: String)] = []

  private let operators: OperatorSet
  private var identifiers: [String: ValueID] = [:]
  private var notes = Footnotes()

  /// Reads a text whole. Lines are checked one by one; `Graph.verify` checks the graph.
  ///
  /// - Parameter operators: those that the text may name.
  /// - Throws: a `Diagnostic` that names the line at fault.
  public init(_ text: String, operators: OperatorSet) throws {
    self.operators = operators
    let lines = TextScanner.lines(of: text)
    guard let end = lines.firstIndex(where: { $0.holdsOnly("}") }), let header = lines.first else {
      throw Diagnostic(.noGraph, help: "a graph reads `graph NAME(%x: f32[1, 4]) { … return %y }`")
    }
    graph = Graph(name: "")
    // Footnotes first: the statements above refer to their constants and scales.
    for line in lines[(end + 1)...] { try notes.read(line) }
    try locating(in: header.place) { try readHeader(header) }
    for line in lines[1..<end] { try locating(in: line.place) { try readStatement(line) } }
    for note in notes.tensors { try locating(in: note.place) { try apply(note) } }
    graph.absorb(notes.eliminated, into: nil)
  }

  private mutating func readHeader(_ header: TextScanner) throws {
    var scanner = header
    try scanner.expect("graph")
    graph = Graph(name: try scanner.take("(") ? "" : nameBeforeParenthesis(&scanner))
    if !scanner.take(")") { try readInputs(&scanner) }
    try scanner.expect("{")
    try scanner.expectEnd()
  }

  private mutating func readInputs(_ scanner: inout TextScanner) throws {
    repeat {
      let name = try identifier(&scanner)
      try scanner.expect(":")
      try define(name, graph.addInput(name, try type(&scanner)))
    } while scanner.take(",")
    try scanner.expect(")")
  }

  private func nameBeforeParenthesis(_ scanner: inout TextScanner) throws -> String {
    let name = try scanner.word("the graph's name")
    try scanner.expect("(")
    return name
  }

  private mutating func readStatement(_ line: TextScanner) throws {
    var scanner = line
    if scanner.take("return") {
      graph.setOutputs(try list(&scanner) { parser, scanner in try parser.value(&scanner) })
      return try scanner.expectEnd()
    }
    if scanner.take("next") { return try readNext(&scanner) }
    let results = try list(&scanner) { parser, scanner in try parser.identifier(&scanner) }
    try scanner.expect("=")
    let kind = try scanner.word("an operator")
    try scanner.expect("(")
    switch kind {
    case "constant": try readConstant(results, &scanner) { $0.addConstant($1, $2, $3) }
    case "state": try readConstant(results, &scanner) { $0.addState($1, $2, initial: $3) }
    default: try readNode(results, kind, &scanner)
    }
    try scanner.expectEnd()
  }

  /// `next %state = %value`
  private mutating func readNext(_ scanner: inout TextScanner) throws {
    let name = try identifier(&scanner)
    guard let state = graph.states.first(where: { $0.current == identifiers[name] }) else {
      throw Diagnostic(.noState(name), help: "define it above, by `%\(name) = state(…) : …`")
    }
    try scanner.expect("=")
    graph.setNext(of: state.current, to: try value(&scanner))
    try scanner.expectEnd()
  }

  private mutating func readConstant(
    _ names: [String], _ scanner: inout TextScanner,
    _ add: (inout Graph, String, TensorType, TensorData?) -> ValueID
  ) throws {
    let content = try ConstantContent(&scanner)
    try scanner.expect(")")
    try scanner.expect(":")
    let type = try type(&scanner)
    let data = try content.data(for: type, notes: notes)
    if let data, let text = content.literalText { literals.append((data, text)) }
    try define(names, [add(&graph, names[0], type, data)])
  }

  private mutating func readNode(
    _ names: [String], _ kind: String, _ scanner: inout TextScanner
  ) throws {
    guard let operatorType = operators[kind] else {
      throw Diagnostic(.unknownOperator(kind), help: "`dovetail inspect --operators` lists them")
    }
    let operands = scanner.take(")") ? [] : try operandList(&scanner)
    let op = try decode(try scanner.bracedText(), as: operatorType)
    try scanner.expect(":")
    let types = try list(&scanner) { parser, scanner in try parser.type(&scanner) }
    let sources = scanner.take("from") ? try Footnotes.sources(&scanner) : []
    let results = try graph.insert(op, operands, results: types, from: sources)
    try define(names, results)
  }

  private func decode<Op: Operator>(_ text: String?, as kind: Op.Type) throws -> any Operator {
    try AttributeText.decode(text, as: kind)
  }

  private mutating func operandList(_ scanner: inout TextScanner) throws -> [ValueID] {
    let operands = try list(&scanner) { parser, scanner in try parser.value(&scanner) }
    try scanner.expect(")")
    return operands
  }

  private mutating func list<Item>(
    _ scanner: inout TextScanner, _ item: (inout Self, inout TextScanner) throws -> Item
  ) throws -> [Item] {
    var items = [try item(&self, &scanner)]
    while scanner.take(",") { items.append(try item(&self, &scanner)) }
    return items
  }

  private func identifier(_ scanner: inout TextScanner) throws -> String {
    try scanner.expect("%")
    return try scanner.word("a value's name")
  }

  private func value(_ scanner: inout TextScanner) throws -> ValueID {
    let name = try identifier(&scanner)
    guard let id = identifiers[name] else {
      throw Diagnostic(.undefinedValue(name), help: "define it above the line that reads it")
    }
    return id
  }

  private mutating func define(_ names: [String], _ results: [ValueID]) throws {
    guard names.count == results.count else {
      throw Diagnostic(.nameCount(names.count, results.count))
    }
    for (name, id) in zip(names, results) {
      graph.rename(id, name, sourceIndex: nil)
      try define(name, id)
    }
  }

  private mutating func define(_ name: String, _ id: ValueID) throws {
    guard identifiers.updateValue(id, forKey: name) == nil else {
      throw Diagnostic(.redefinedValue(name))
    }
  }

  private func type(_ scanner: inout TextScanner) throws -> TensorType {
    let name = try scanner.word("an element type")
    guard let element = ElementType(rawValue: name) else {
      throw Diagnostic(
        .unknownElementType(name),
        help: "one of \(ElementType.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    let quantization = scanner.take("<") ? try quantization(&scanner) : nil
    try scanner.expect("[")
    var extents: [Int] = []
    if !scanner.take("]") {
      repeat { extents.append(try scanner.integer("an extent")) } while scanner.take(",")
      try scanner.expect("]")
    }
    guard let shape = Shape(checking: extents) else { throw Diagnostic(.badShape(extents)) }
    return TensorType(element, shape, quantization)
  }

  private func quantization(_ scanner: inout TextScanner) throws -> Quantization {
    let quantization =
      scanner.take("#") ? try notes.scales(&scanner) : try Footnotes.quantization(&scanner)
    try scanner.expect(">")
    return quantization
  }

  private mutating func apply(_ note: Footnotes.TensorNote) throws {
    guard let id = identifiers[note.identifier] else {
      throw Diagnostic(.undefinedValue(note.identifier))
    }
    graph.rename(id, note.name ?? graph.values[id].name, sourceIndex: note.index)
  }
}

extension Diagnostic.Message {
  fileprivate static var noGraph: Self {
    Self(id: "no-graph", .malformed, "holds no graph")
  }

  fileprivate static func unknownOperator(_ kind: String) -> Self {
    Self(id: "unknown-operator", .unsupported, "there is no operator `\(kind)`")
  }

  fileprivate static func undefinedValue(_ name: String) -> Self {
    Self(id: "undefined-value", .malformed, "`%\(name)` is not defined")
  }

  fileprivate static func noState(_ name: String) -> Self {
    Self(id: "no-state", .malformed, "`%\(name)` is no state that could have a next value")
  }

  fileprivate static func redefinedValue(_ name: String) -> Self {
    Self(id: "redefined-value", .malformed, "`%\(name)` is defined twice")
  }

  fileprivate static func nameCount(_ names: Int, _ results: Int) -> Self {
    Self(
      id: "name-count", .malformed, "\(names) names for \(results) result\(results == 1 ? "" : "s")"
    )
  }

  fileprivate static func unknownElementType(_ name: String) -> Self {
    Self(id: "unknown-element-type", .malformed, "there is no element type `\(name)`")
  }

  fileprivate static func badShape(_ extents: [Int]) -> Self {
    Self(id: "bad-shape", .malformed, "a tensor cannot have the shape \(extents)")
  }
}
