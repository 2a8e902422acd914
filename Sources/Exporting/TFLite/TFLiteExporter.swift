import GraphIR
import Operators
import Support
import Tensors

/// Makes a TFLite file of a graph: operators that TFLite has are written as they are, others are first expressed by those.
///
/// LiteRT computes the same from the file, bit for bit as far as its reference kernels do from any: of real numbers that
/// our kernels add in an order of ONNX Runtime's, last digits differ.
public struct TFLiteExporter {
  /// Choices that the user makes when a model is written.
  public struct Options: Sendable {
    /// Whether weights of bytes are stored in 4 bits where all of them fit and LiteRT has kernels for that.
    public var packsWeights = false

    /// By default everything is stored in its own type.
    public init(packsWeights: Bool = false) { self.packsWeights = packsWeights }
  }

  /// Encoders by the names of our operators; one list per family.
  static let encoders: [String: TFLiteEncoder] = Dictionary(
    uniqueKeysWithValues: [
      convolutions, pooling, unary, binary, arithmetic, logic, reductions, normalizations,
      conversions, layout, blocks, sequences, indexing, recurrent, control, custom,
    ].flatMap { $0 }.map { ($0.name, $0) })

  private let file = TFLiteFile()
  private let options: Options

  private init(_ options: Options) { self.options = options }

  /// The bytes of a file with the graph as its only signature; the same graph gives the same bytes.
  ///
  /// - Throws: `Diagnostics` with every node that TFLite has no operators for.
  public static func file(of graph: Graph, _ options: Options = Options()) throws -> [UInt8] {
    let exporter = TFLiteExporter(options)
    _ = try exporter.write(graph, isPrimary: true)
    return try exporter.file.finished()
  }

  /// Writes a graph as a further subgraph, and gives its number there.
  private func write(_ graph: Graph, isPrimary: Bool) throws -> Int {
    let legal = try TFLiteLegalization.legal(graph)
    var writer = TFLiteGraphWriter(
      legal, file, packsWeights: options.packsWeights, name: isPrimary ? "main" : graph.name)
    try writer.beginStates()
    var problems: [Diagnostic] = []
    for id in legal.order {
      do {
        try locating(in: Diagnostic.Place(spot: legal.spot(of: id))) {
          try writer.insert(encode(id, of: legal), id) { try write($0.graph, isPrimary: false) }
        }
      } catch {
        let found = Diagnostics(of: error).all
        guard !found.isEmpty else { throw error }
        problems += found
      }
    }
    guard problems.isEmpty else { throw Diagnostics(problems) }
    try writer.end()
    return writer.number
  }

  private func encode(_ id: NodeID, of graph: Graph) throws -> TFLiteOperation {
    let node = graph.nodes[id]
    guard let encoder = Self.encoders[node.kind] else {
      throw Diagnostic(.noCounterpart(node.kind), help: Diagnostic.otherFormats)
    }
    return try encoder.encode(node.op, graph.site(of: id))
  }
}

extension Graph {
  /// Where a node is, for people who know the model by its tensors.
  fileprivate func spot(of id: NodeID) -> String {
    let name = nodes[id].results.first.map { values[$0].name } ?? ""
    return "`\(name)` (\(nodes[id].kind))"
  }
}

extension Diagnostic {
  /// What can be done where TFLite has no operator.
  static let otherFormats = "name the file `.onnx` or `.graph` to write it in another format"
}

extension Diagnostic.Message {
  fileprivate static func noCounterpart(_ kind: String) -> Self {
    Self(
      id: "tflite-no-counterpart", .unsupported, "TFLite has no operator that computes `\(kind)`")
  }

  /// An operator of TFLite that does less than one of ours.
  static func notInTFLite(_ kind: String, _ what: String) -> Self {
    Self(id: "tflite-no-counterpart", .unsupported, "TFLite has no `\(kind)` \(what)")
  }
}
