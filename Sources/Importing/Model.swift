import GraphIR
import Operators
import Support
import Tensors

/// A model as it was read from a file.
public struct Model: Sendable {
  /// The graph as the file gives it, before any pass ran on it.
  public var graph: Graph
  /// `tflite`, `onnx` or `graph`.
  public let format: String
  /// The file's name without folder and extension.
  public let name: String
  /// The graph's name in the file, by which viewers tell graphs apart; `main` where the file gives none.
  public let graphName: String
  /// The SHA-256 of the file, as 64 hexadecimal digits.
  public let sha256: String

  /// Choices that the user makes when a model is read.
  public struct Options: Sendable {
    /// Extents for inputs by name, in place of those in the file.
    public var shapes: [String: Shape]

    /// Extents for those of the other inputs whose extents the file leaves open; of a single input the name may be
    /// empty.
    public var shapesOfOpenInputs: [String: Shape] = [:]
    /// What the inputs hold, where the graph is read for one run only: nil leaves them open.
    public var known: KnownInputs?

    /// By default every input has the extents of the file.
    public init(shapes: [String: Shape] = [:], known: KnownInputs? = nil) {
      self.shapes = shapes
      self.known = known
    }
  }

  /// Reads the model at `path`, in the format that the ending of its name says.
  ///
  /// - Throws: `Diagnostics` with everything that one run can find wrong with it.
  public init(_ path: String, _ options: Options = Options()) throws {
    let file = try FileBytes(mapping: path)
    let base = path.split(separator: "/").last.map(String.init) ?? path
    name = base.split(separator: ".").dropLast().joined(separator: ".")
    let named: String?
    (format, named, graph) = try locating(in: Diagnostic.Place(file: path)) {
      switch base.split(separator: ".").last.map({ $0.lowercased() }) {
      case "tflite":
        let importer = try TFLiteImporter(file, options)
        return ("tflite", try importer.sourceName, try importer.graph())
      case "onnx":
        let importer = try ONNXImporter(file, path: path, options)
        return ("onnx", importer.sourceName, try importer.graph())
      case "graph": return ("graph", nil, try Self.parse(path))
      case "json", "dvp": throw Diagnostic(.formatNotYet(base), help: Self.formats)
      default: throw Diagnostic(.unknownFormat(base), help: Self.formats)
      }
    }
    graphName =
      named.flatMap { $0.isEmpty ? nil : $0 } ?? (graph.name.isEmpty ? "main" : graph.name)
    sha256 = SHA256.hexDigest(of: file)
  }

  private static let formats = "models are read from `.tflite`, `.onnx` and `.graph` files"

  /// Verified as a whole: lines that are sound one by one may still not go together.
  private static func parse(_ path: String) throws -> Graph {
    let graph = try GraphParser(FileBytes.text(of: path), operators: Operators.all).graph
    try Diagnostics(graph.verify()).throwIfErrors()
    return graph
  }
}

extension String {
  /// A name for the text form: other characters become underscores, an unusable one `main`.
  static func graphIdentifier(_ name: String) -> String {
    let cleaned = String(
      name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }.prefix(40))
    return cleaned.first.map(\.isNumber) ?? true ? "main" : cleaned
  }
}

extension Diagnostic.Message {
  fileprivate static func formatNotYet(_ file: String) -> Self {
    Self(id: "format-not-yet", .unsupported, "models of the kind of `\(file)` are not read yet")
  }

  fileprivate static func unknownFormat(_ file: String) -> Self {
    Self(
      id: "unknown-format", .unsupported, "the name `\(file)` does not say what kind of model it is"
    )
  }
}
