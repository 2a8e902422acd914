import GraphIR
import ONNXSchema
import Operators
import Support
import Tensors

extension ONNXImporter {
  /// The inputs for which tensors are given: those of the graph that have no initializer.
  var inputs: [ONNXValueInfoProto] {
    let initialized = Set(
      model.graph.initializer.map(\.name) + model.graph.sparseInitializer.map(\.values.name))
    return model.graph.input.filter { !initialized.contains($0.name) }
  }

  /// Adds the model's inputs.
  func addInputs(to builder: inout ONNXGraphBuilder) throws {
    let inputs = inputs
    let names = inputs.map(\.name)
    if let name = options.shapes.keys.sorted().first(where: { !names.contains($0) }) {
      throw Diagnostic(
        .noInputToShape(name),
        help: "the inputs are \(names.sorted().map { "`\($0)`" }.joined(separator: ", "))")
    }
    let symbols = try symbols(of: inputs)
    for input in inputs { try add(input, symbols, to: &builder) }
  }

  private func add(
    _ input: ONNXValueInfoProto, _ symbols: [String: Int], to builder: inout ONNXGraphBuilder
  ) throws {
    if case .sequenceType(let sequence) = input.type.value {
      return try addSequence(input.name, sequence, to: &builder)
    }
    let type = try type(of: input, symbols)
    let id = builder.graph.addInput(input.name, type)
    // The input stays, as something to give a tensor for; what reads it reads a constant.
    let known = try options.known.map { try $0.tensor(for: input.name, type) }
    try builder.define(input.name, as: .tensor(known.map { builder.constant($0) } ?? id))
    if known != nil { builder.graph.rename(id, input.name, sourceIndex: nil) }
  }

  /// A list of tensors can only be known beforehand.
  private func addSequence(
    _ name: String, _ type: ONNXTypeProto.Sequence, to builder: inout ONNXGraphBuilder
  ) throws {
    guard let tensors = options.known?.sequences[name] else {
      throw Diagnostic(.sequenceInput(name))
    }
    let element = try ONNXTensors.element(Int(type.elemType.tensorType.elemType), name)
    try builder.define(name, as: .sequence(tensors.map { builder.constant($0) }, element))
  }

  /// The type that the file gives an input, with open extents bound.
  func type(of input: ONNXValueInfoProto, _ symbols: [String: Int]) throws -> TensorType {
    guard case .tensorType(let tensor) = input.type.value else {
      throw Diagnostic(.notTensor(input.name))
    }
    let element = try ONNXTensors.element(Int(tensor.elemType), input.name)
    if let shape = boundShape(of: input) { return TensorType(element, shape) }
    let extents = tensor.shape.dim.enumerated().map { axis, dimension in
      extent(dimension, axis, symbols)
    }
    guard tensor.hasShape, !extents.contains(nil) else {
      throw Diagnostic(
        .openShape(input.name, Self.text(tensor)),
        help: "bind it: --shape \(input.name)=\(Self.suggestion(tensor, symbols))")
    }
    guard let shape = Shape(checking: extents.compactMap { $0 }) else {
      throw Diagnostic(.portShape(input.name, extents.compactMap { $0 }))
    }
    return TensorType(element, shape)
  }

  /// The shape that the user gives an input, or that what is given for it has where the file leaves it open.
  private func boundShape(of input: ONNXValueInfoProto) -> Shape? {
    if let shape = options.shapes[input.name] { return shape }
    let type = input.type.tensorType
    let isOpen = !type.hasShape || type.shape.dim.contains { extent($0, 1, [:]) == nil }
    let given = options.shapesOfOpenInputs
    return isOpen ? given[input.name] ?? (inputs.count == 1 ? given[""] : nil) : nil
  }

  /// An extent; of an open batch, which is the first axis, one image at a time.
  private func extent(
    _ dimension: ONNXTensorShapeProto.Dimension, _ axis: Int, _ symbols: [String: Int]
  ) -> Int? {
    switch dimension.value {
    case .dimValue(let extent) where extent > 0 || axis > 0: Int(extent)
    case .dimParam(let name): symbols[name] ?? (axis == 0 ? 1 : nil)
    case .dimValue, nil: axis == 0 ? 1 : nil
    }
  }

  /// The extents that names stand for, as far as the user's shapes tell.
  func symbols(of inputs: [ONNXValueInfoProto]) throws -> [String: Int] {
    var symbols: [String: Int] = [:]
    for input in inputs {
      guard let shape = boundShape(of: input) else { continue }
      let dimensions = input.type.tensorType.shape.dim
      guard dimensions.count == shape.rank else { continue }
      for (dimension, extent) in zip(dimensions, shape.extents) {
        guard case .dimParam(let name) = dimension.value else { continue }
        guard symbols.updateValue(extent, forKey: name) ?? extent == extent else {
          throw Diagnostic(.conflictingExtents(name))
        }
      }
    }
    return symbols
  }

  /// `[batch, 3, ?]`.
  private static func text(_ type: ONNXTypeProto.Tensor) -> String {
    let extents = type.shape.dim.map { dimension in
      switch dimension.value {
      case .dimValue(let extent): "\(extent)"
      case .dimParam(let name): name
      case nil: "?"
      }
    }
    return "[\(extents.joined(separator: ", "))]"
  }

  private static func suggestion(
    _ type: ONNXTypeProto.Tensor, _ symbols: [String: Int]
  ) -> String {
    type.shape.dim.enumerated().map { axis, dimension in
      switch dimension.value {
      case .dimValue(let extent): "\(extent)"
      case .dimParam(let name): symbols[name].map(String.init) ?? (axis == 0 ? "1" : "N")
      case nil: axis == 0 ? "1" : "N"
      }
    }.joined(separator: "x")
  }

  /// Lets the graph give the model's outputs, under their names.
  func setOutputs(of builder: inout ONNXGraphBuilder) throws {
    var outputs: [ValueID] = []
    for output in model.graph.output {
      switch try builder.value(output.name) {
      case .tensor(let id): outputs.append(try builder.output(id, output.name))
      case .sequence(let ids, _):
        for (index, id) in ids.enumerated() {
          outputs.append(try builder.output(id, "\(output.name)/\(index)"))
        }
      }
    }
    builder.graph.setOutputs(outputs)
  }
}

extension ONNXGraphBuilder {
  /// A value that has the name of an output: the value itself, if a node computes it and it has no other name.
  fileprivate mutating func output(_ id: ValueID, _ name: String) throws -> ValueID {
    if graph.producer(of: id) != nil, graph.values[id].name == name { return id }
    let copy = try copy(of: id)
    graph.rename(copy, name, sourceIndex: nil)
    return copy
  }
}

extension Diagnostic.Message {
  fileprivate static func noInputToShape(_ name: String) -> Self {
    Self(id: "no-such-input", .usage, "there is no input `\(name)` to give a shape")
  }

  fileprivate static func sequenceInput(_ name: String) -> Self {
    Self(
      id: "depends-on-values", .unsupported,
      "input `\(name)` is a list of tensors of unknown number")
  }

  fileprivate static func notTensor(_ name: String) -> Self {
    Self(id: "onnx-port-type", .unsupported, "input `\(name)` is no tensor")
  }

  fileprivate static func openShape(_ name: String, _ shape: String) -> Self {
    Self(id: "open-shape", .unsupported, "input `\(name)` has the open shape \(shape)")
  }

  fileprivate static func portShape(_ name: String, _ extents: [Int]) -> Self {
    Self(id: "onnx-tensor-shape", .malformed, "input `\(name)` has the impossible shape \(extents)")
  }

  fileprivate static func conflictingExtents(_ name: String) -> Self {
    Self(id: "conflicting-extents", .usage, "the shapes give `\(name)` different extents")
  }
}
