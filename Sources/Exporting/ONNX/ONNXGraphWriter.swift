import GraphIR
import ONNXSchema
import Operators
import Support
import Tensors

/// Writes the nodes of a graph one by one, and knows by which names its values stand in the file.
///
/// A value may stand there in several forms: with its axes in another order, and of quantized integers also as the real
/// numbers that they stand for. Forms are made when something asks for them, once.
struct ONNXGraphWriter {
  let graph: Graph
  var file: ONNXFile
  /// The names of the graph's inputs.
  private(set) var inputNames: [String] = []
  /// The names of the graph's outputs.
  private(set) var outputNames: [String] = []
  /// By form, for those that were made.
  private var names: [ValueForm: String] = [:]
  /// All of these names.
  private var formNames: Set<String> = []
  /// In which orders the stored elements of a value stand in the file, the first one first.
  private var orders: [ValueID: [AxisOrder]] = [:]
  /// Values that stand in the file as matrices of their rows, for those who store them.
  private(set) var rows: [ValueID: String] = [:]
  /// Values that are written when something asks for them.
  let weights: Set<ValueID>
  /// What forms are to be called if the name is free.
  private let wanted: WantedNames
  /// The first of the nodes that belong to the graph's node at hand.
  private var firstNode = 0
  /// Results of nodes without a counterpart.
  private var unknown: Set<ValueID> = []

  /// Names the inputs and reserves the names of the outputs.
  init(_ graph: Graph, version: Int) {
    self.graph = graph
    file = ONNXFile(version: version)
    wanted = WantedNames(graph)
    weights = graph.weights
    for input in graph.inputs { bind(input, file.claim(graph.values[input].name)) }
    reserveOutputs()
  }

  /// For a graph within a node, or one that goes on in the middle of another.
  ///
  /// - Parameter inputs: what the graph's inputs are called in the file.
  init(_ graph: Graph, in file: ONNXFile, inputs: [String]) {
    self.graph = graph
    self.file = file
    wanted = WantedNames(graph)
    weights = graph.weights
    for (input, name) in zip(graph.inputs, inputs) { bind(input, name) }
  }

  private mutating func bind(_ input: ValueID, _ name: String) {
    file.require(type(of: input).element.onnxVersion)
    inputNames.append(name)
    set(ValueForm(input, plainOrder(input)), name)
  }

  /// Shape, element type and quantization.
  func type(of value: ValueID) -> TensorType { graph.values[value].type }

  /// The order of axes that the graph has.
  func plainOrder(_ value: ValueID) -> AxisOrder { .plain(type(of: value).shape.rank) }

  /// Writes all nodes.
  ///
  /// - Throws: `Diagnostics` for all that have no counterpart.
  mutating func writeNodes() throws {
    var problems: [Diagnostic] = []
    for id in graph.order {
      do {
        try locating(in: Diagnostic.Place(spot: spot(of: id))) { try write(id) }
      } catch {
        let found = Diagnostics(of: error).all
        guard !found.isEmpty else { throw error }
        problems += found
        unknown.formUnion(graph.nodes[id].results)
      }
    }
    try Diagnostics(problems).throwIfErrors()
  }

  private func spot(of node: NodeID) -> String {
    let name = graph.nodes[node].results.first.map { graph.values[$0].name } ?? ""
    return "node `\(name)` (\(graph.nodes[node].kind))"
  }

  /// What a node means, in the nodes of the standard.
  private mutating func write(_ id: NodeID) throws {
    let node = graph.nodes[id]
    // What reads a result that is missing is not reported for it.
    guard unknown.isDisjoint(with: node.inputs) else { return unknown.formUnion(node.results) }
    guard !node.results.contains(where: weights.contains) else { return }
    firstNode = file.nodes.count
    file.prefix = node.results.first.map { wanted.prefix(of: $0, graph) } ?? ""
    guard let form = ONNXForm.all[node.kind] else {
      throw Diagnostic(.noCounterpart(node.kind), help: .otherFormats)
    }
    try form.write(node.op, ONNXSite(node, graph), &self)
  }

  // MARK: Outputs

  private var reserved: [ValueForm: String] = [:]

  /// Of several outputs that are one tensor of the file, the first has its name.
  private mutating func reserveOutputs() {
    for output in graph.outputs {
      let name = file.claim(graph.values[output].name)
      outputNames.append(name)
      let form = ValueForm(output, plainOrder(output)).source(in: graph)
      if names[form] == nil, reserved[form] == nil, !graph.isConstant(form.value) {
        reserved[form] = name
      }
    }
  }

  /// Makes sure that each output stands in the file, under its name and with its axes as the graph has them.
  mutating func writeOutputs() throws {
    for (output, name) in zip(graph.outputs, outputNames) {
      firstNode = file.nodes.count
      let form = ValueForm(output, plainOrder(output))
      let found = try self.name(of: form)
      guard found != name else { continue }
      let copy = file.add("Identity", [found])
      _ = file.rename(copy, name, from: firstNode)
    }
  }

  // MARK: Forms

  /// Whether a form stands in the file, or the stored integers that it is dequantized from: no axis has to be moved then.
  func has(_ form: ValueForm) -> Bool {
    let form = form.source(in: graph)
    return names[form] != nil || names[ValueForm(form.value, form.order)] != nil
  }

  /// The name of a form, which is made if it is not there yet.
  mutating func name(of form: ValueForm) throws -> String {
    let form = form.source(in: graph)
    if let name = names[form] { return name }
    let name = try made(form)
    set(form, name)
    return name
  }

  /// The name of a value's real numbers, or of its elements where these are not quantized.
  mutating func real(_ value: ValueID, _ order: AxisOrder? = nil) throws -> String {
    try name(of: ValueForm(value, order ?? plainOrder(value), isReal: isQuantized(value)))
  }

  /// The name of a value's elements as they are stored.
  mutating func stored(_ value: ValueID, _ order: AxisOrder? = nil) throws -> String {
    try name(of: ValueForm(value, order ?? plainOrder(value)))
  }

  /// Whether elements are integers that stand for real numbers.
  func isQuantized(_ value: ValueID) -> Bool { type(of: value).quantization != nil }

  /// Says which tensor of the file holds a result's real numbers, or its elements where these are not quantized.
  mutating func define(_ value: ValueID, _ order: AxisOrder, as name: String) {
    let type = type(of: value)
    guard let quantization = type.quantization else {
      return defineStored(value, order, as: name)
    }
    let scales = ONNXScales(quantization, order)
    defineStored(value, order, as: file.quantize(name, type.element, scales))
  }

  /// Says which tensor of the file holds a result's elements as they are stored.
  mutating func defineStored(_ value: ValueID, _ order: AxisOrder, as name: String) {
    let form = ValueForm(value, order)
    file.require(type(of: value).element.onnxVersion)
    set(form, renamed(name, form))
  }

  /// Says which tensor of the file holds a value's rows, of which no other form is asked for.
  mutating func keepRows(of value: ValueID, as name: String) {
    let form = ValueForm(value, plainOrder(value))
    rows[value] = renamed(name, form)
  }

  private mutating func set(_ form: ValueForm, _ name: String) {
    names[form] = name
    formNames.insert(name)
    if !form.isReal { orders[form.value, default: []].append(form.order) }
  }

  /// The tensor under the name that its value has in the graph, as far as that is free. What is another form already keeps
  /// its name.
  private mutating func renamed(_ name: String, _ form: ValueForm) -> String {
    guard !formNames.contains(name) else { return name }
    let chosen = chosenName(form)
    return file.rename(name, chosen, from: firstNode) ? chosen : name
  }

  private mutating func chosenName(_ form: ValueForm) -> String {
    if let name = reserved.removeValue(forKey: form) { return name }
    let candidates = wanted.candidates(form, graph)
    return candidates.first(where: file.isFree).map { file.claim($0) }
      ?? file.claim(form.derivedName(candidates.first ?? graph.values[form.value].name))
  }

  // MARK: Making forms

  private mutating func made(_ form: ValueForm) throws -> String {
    let type = type(of: form.value)
    if form.isReal, let quantization = type.quantization {
      if graph.isConstant(form.value), !type.element.isDequantized {
        return try constant(form) { Tensor(TensorType(.f32, type.shape), numbers: $0.realNumbers) }
      }
      let stored = try name(of: ValueForm(form.value, form.order))
      let real = file.dequantize(stored, type.element, ONNXScales(quantization, form.order))
      return renamed(real, form)
    }
    if graph.isConstant(form.value) { return try constant(form) { $0 } }
    return try weights.contains(form.value) ? renamed(weight(form), form) : moved(form)
  }

  private mutating func constant(
    _ form: ValueForm, _ content: (Tensor) -> Tensor
  ) throws -> String {
    guard let data = graph.constantData(form.value) else {
      throw Diagnostic(.elided(graph.values[form.value].name), help: .noWeights)
    }
    let name = chosenName(form)
    file.add(content(Tensor(type(of: form.value), data)), form.order, as: name)
    return name
  }

  /// The elements with their axes in another order than those that are there.
  private mutating func moved(_ form: ValueForm) throws -> String {
    guard let order = orders[form.value]?.first else {
      preconditionFailure("nodes are written after those whose results they read")
    }
    let source = try name(of: ValueForm(form.value, order))
    let permutation = form.order.permutation(from: order)
    return renamed(file.add("Transpose", [source], [.integers("perm", permutation)]), form)
  }
}

extension String {
  fileprivate static let noWeights = "only a model that is read with its weights can be written"
}

extension Diagnostic.Message {
  fileprivate static func noCounterpart(_ kind: String) -> Self {
    Self(id: "onnx-no-counterpart", .unsupported, "`\(kind)` has no counterpart in ONNX")
  }

  fileprivate static func elided(_ name: String) -> Self {
    Self(id: "elided-constant", .unsupported, "constant `\(name)` has no data")
  }
}
