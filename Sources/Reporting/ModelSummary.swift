import GraphIR
import Importing
import Support
import Tensors

/// What is in a model: the result of `dovetail inspect`.
public struct ModelSummary: Encodable, Sendable {
  /// By which readers of the JSON know its form.
  public let schema = "dovetail.summary/1"
  /// The file's name, with its ending.
  public let name: String
  /// In the model's order.
  public let inputs: [Port]
  /// In the model's order.
  public let outputs: [Port]
  /// One entry for each kind, in the order in which the file has them first.
  public let operators: [OperatorCount]
  /// The bytes of all constants.
  public let constantBytes: Int
  /// Multiply-accumulates of one run; nil if an operator is not supported.
  @ExplicitNull public var macs: Int?
  /// What keeps the model from being run; not part of the JSON.
  public let problems: [Diagnostic]

  /// An input or output of the model.
  public struct Port: Encodable, Hashable, Sendable {
    /// The tensor's name in the file.
    public let name: String
    /// As in the text form, such as `i8`.
    public let elementType: String
    /// Extents, outermost first.
    public let shape: [Int]
    /// Nil for a tensor that is not quantized, or not with a single scale.
    @ExplicitNull public var scale: Float?
    /// Nil where `scale` is.
    @ExplicitNull public var zeroPoint: Int?
  }

  /// How often the model has a kind of operator, and what that amounts to.
  public struct OperatorCount: Encodable, Hashable, Sendable {
    /// The name in the model's format.
    public let name: String
    /// How many operators of the model have the name.
    public let count: Int
    /// Whether there is a converter for the kind; one operator of it may still be refused.
    public let isSupported: Bool
    /// Multiply-accumulates of all operators of the name; nil if one is not supported.
    @ExplicitNull public var macs: Int?
  }

  private enum CodingKeys: String, CodingKey {
    case schema, name, inputs, outputs, operators, constantBytes, macs
  }

  /// - Throws: a `Diagnostic` if the file cannot be read as what its name says; what it cannot take of the
  ///   file's operators is listed in `problems`.
  public init(_ path: String) throws {
    let outline = try ModelOutline(path)
    var graph: Graph?
    var problems: [Diagnostic] = []
    do {
      graph = try Model(path).graph
    } catch let found as Diagnostics {
      problems = found.all
    } catch let found as Diagnostic {
      problems = [found]
    }
    self.init(outline, graph, path: path, problems)
  }

  private init(_ outline: ModelOutline, _ graph: Graph?, path: String, _ problems: [Diagnostic]) {
    name = path.split(separator: "/").last.map(String.init) ?? path
    inputs = outline.inputs.map(Port.init)
    outputs = outline.outputs.map(Port.init)
    constantBytes = outline.constantBytes
    let macs = graph.map(Self.macsByOperator)
    var order: [String] = []
    for kind in outline.operators where !order.contains(kind) { order.append(kind) }
    operators = order.map { kind in
      OperatorCount(
        name: kind, count: outline.operators.count { $0 == kind },
        isSupported: !outline.unsupported.contains(kind), macs: macs?[kind])
    }
    self.macs = macs?.values.reduce(0, +)
    self.problems = problems
  }

  private static func macsByOperator(_ graph: Graph) -> [String: Int] {
    graph.order.reduce(into: [:]) { macs, id in
      let kind = graph.nodes[id].sources.first?.kind ?? graph.nodes[id].kind
      macs[kind, default: 0] += graph.work(of: id).macs
    }
  }
}

extension ModelSummary.Port {
  fileprivate init(_ port: ModelOutline.Port) { self.init(port.name, port.type) }

  init(_ name: String, _ type: TensorType) {
    self.name = name
    elementType = type.element.rawValue
    shape = type.shape.extents
    scale = type.sharedQuantization?.scale
    zeroPoint = type.sharedQuantization?.zeroPoint
  }

  var text: String {
    let quantized = scale.map { "<\($0):\(zeroPoint ?? 0)>" } ?? ""
    return "\(Escaping.terminal(name)): \(elementType)\(quantized)\(shape)"
  }
}

extension ModelSummary {
  /// For the terminal.
  ///
  /// - Parameter width: of the terminal, in characters.
  public func text(width: Int) -> String {
    var lines = [Escaping.terminal(name)]
    lines += inputs.map { "  input   \($0.text)" } + outputs.map { "  output  \($0.text)" }
    lines.append("  weights \(Figures.bytes(constantBytes))")
    if let macs { lines.append("  work    \(Figures.scaled(macs)) MACs") }
    var table = TextTable([
      .init("operator"), .init("count", .right), .init("MACs", .right), .init("supported"),
    ])
    for entry in operators {
      table.add([
        entry.name, String(entry.count), entry.macs.map(Figures.scaled) ?? "",
        entry.isSupported ? "yes" : "no",
      ])
    }
    return (lines + [""] + table.lines(width: width)).joined(separator: "\n") + "\n"
  }
}
