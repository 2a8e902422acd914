import GraphIR
import ONNXSchema
import Operators
import Support
import Tensors

/// How nodes of one operator are written: the inverse of what the importer makes of them.
struct ONNXForm: Sendable {
  /// The operator's name in the text form.
  let kind: String
  /// Adds nodes to the file, and defines the results.
  let write: @Sendable (any Operator, ONNXSite, inout ONNXGraphWriter) throws -> Void

  /// A form of its own.
  init<Op: Operator>(
    _ type: Op.Type,
    _ write: @escaping @Sendable (Op, ONNXSite, inout ONNXGraphWriter) throws -> Void
  ) {
    kind = Op.name
    self.write = { op, site, writer in
      guard let op = op as? Op else { preconditionFailure("forms are looked up by name") }
      try write(op, site, &writer)
    }
  }

  /// A function of elements: what `body` makes of the names of the operands, which lie in one order of axes.
  static func elements<Op: Operator>(
    _ type: Op.Type,
    _ body:
      @escaping @Sendable (Op, [String], ElementType, inout ONNXFile) throws -> String
  ) -> ONNXForm {
    ONNXForm(type) { op, site, writer in
      try writer.elementwise(site) { file, names in
        try body(op, names, site.realElement(0), &file)
      }
    }
  }

  /// A function of elements that is one operator of the standard.
  static func elements<Op: Operator>(
    _ type: Op.Type, _ kind: String,
    _ attributes: @escaping @Sendable (Op) -> [ONNXAttributeProto] = { _ in [] }
  ) -> ONNXForm {
    elements(type) { op, names, _, file in file.add(kind, names, attributes(op)) }
  }

  /// By the operator's name.
  static let all: [String: ONNXForm] = Dictionary(
    uniqueKeysWithValues: [
      functions, activations, arithmetic, attention, comparisons, conversions, convolutions,
      products, pooling,
      reductions, normalizations, layout, slices, blocks, indexing, scattering, resizing, sampling,
      signals, recurrent,
      control,
    ].joined().map { ($0.kind, $0) })
}

/// One node of the graph, while it is written.
struct ONNXSite {
  let operands: [ValueID]
  let results: [ValueID]
  let types: [TensorType]
  let resultTypes: [TensorType]

  init(_ node: Node, _ graph: Graph) {
    operands = node.inputs
    results = node.results
    types = graph.types(of: node.inputs)
    resultTypes = graph.types(of: node.results)
  }

  /// The elements of an operand when it is computed with: stored integers stand for real numbers.
  func realElement(_ operand: Int) -> ElementType {
    types[operand].quantization == nil ? types[operand].element : .f32
  }

  /// The shape of an operand.
  func shape(_ operand: Int) -> Shape { types[operand].shape }

  /// Height and width of an image.
  var image: [Int] { Array(shape(0).extents[1...2]) }

  /// Whether operands and results hold the same stored numbers for the same real ones, so that elements can be moved
  /// without a look at them.
  func movesStored(_ operands: [Int]) -> Bool {
    let all = operands.map { types[$0] } + resultTypes
    return all.allSatisfy {
      $0.element == all[0].element && $0.quantization == all[0].quantization
        && ($0.quantization?.isPerTensor ?? true) && Self.moved.contains($0.element)
    }
  }

  /// What ONNX Runtime moves around in any operator.
  private static let moved: [ElementType] = [.f32, .f64, .i8, .u8, .i32, .i64, .bool]
}
