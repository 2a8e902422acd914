import Evaluation
import Foundation
import GraphIR
import Importing
import ONNXSchema
import Support
import SwiftProtobuf
import Tensors
import TestSupport
import Testing

/// Short ways to write small ONNX models.
extension ONNXModelProto {
  init(
    _ nodes: [ONNXNodeProto], inputs: [ONNXValueInfoProto] = [.tensor("x", [2])],
    outputs: [String] = ["y"], constants: [ONNXTensorProto] = [], version: Int64 = 17
  ) {
    self.init()
    graph = ONNXGraphProto(nodes, inputs: inputs.map(\.name), outputs: outputs)
    graph.input = inputs
    graph.initializer = constants
    opsetImport = [.version(version), .version(1, domain: "ours")]
  }

  func with(_ functions: ONNXFunctionProto...) -> Self {
    var copy = self
    copy.functions = functions
    return copy
  }

  func changed(_ change: (inout Self) -> Void) -> Self {
    var copy = self
    change(&copy)
    return copy
  }

  /// The bytes of a file that holds the model.
  func bytes() throws -> [UInt8] { Array(try serializedData()) }

  /// The model as it is read from a file.
  func imported(_ options: Model.Options = Model.Options()) throws -> Model {
    try TestFiles.withFolder { folder in
      let path = "\(folder)/model.onnx"
      try FileBytes.write(bytes(), to: path)
      return try Model(path, options)
    }
  }

  /// What the model computes of the elements of its inputs.
  func outputs(_ inputs: [[Double]]) throws -> [[Double]] {
    let graph = try imported().graph
    #expect(graph.verify().isEmpty)
    let tensors = zip(graph.types(of: graph.inputs), inputs).map { Tensor($0, numbers: $1) }
    return try graph.evaluate(tensors).map(\.storedNumbers)
  }
}

extension ONNXOperatorSetIdProto {
  static func version(_ version: Int64, domain: String = "") -> Self {
    var message = Self()
    message.version = version
    message.domain = domain
    return message
  }
}

extension ONNXGraphProto {
  init(_ nodes: [ONNXNodeProto], inputs: [String] = [], outputs: [String]) {
    self.init()
    name = "g"
    node = nodes
    input = inputs.map { .untyped($0) }
    output = outputs.map { .untyped($0) }
  }
}

extension ONNXFunctionProto {
  init(
    _ name: String, _ nodes: [ONNXNodeProto], inputs: [String] = ["a"], outputs: [String] = ["b"]
  ) {
    self.init()
    self.name = name
    domain = "ours"
    input = inputs
    output = outputs
    node = nodes
    opsetImport = [.version(17), .version(1, domain: "ours")]
  }

  func with(defaults: ONNXAttributeProto...) -> Self {
    var copy = self
    copy.attributeProto = defaults
    return copy
  }
}

extension ONNXNodeProto {
  init(
    _ kind: String, _ inputs: [String], _ outputs: [String], _ attributes: ONNXAttributeProto...,
    domain: String = ""
  ) {
    self.init()
    opType = kind
    input = inputs
    output = outputs
    attribute = attributes
    self.domain = domain
  }
}

extension ONNXAttributeProto {
  private init(_ name: String, _ type: Int32, _ set: (inout Self) -> Void) {
    self.init()
    self.name = name
    self.type = type
    set(&self)
  }

  static func float(_ name: String, _ number: Float) -> Self { Self(name, 1) { $0.f = number } }

  static func integer(_ name: String, _ number: Int64) -> Self { Self(name, 2) { $0.i = number } }

  static func integers(_ name: String, _ numbers: [Int64]) -> Self {
    Self(name, 7) { $0.ints = numbers }
  }

  static func string(_ name: String, _ text: String) -> Self {
    Self(name, 3) { $0.s = Data(text.utf8) }
  }

  static func graph(_ name: String, _ graph: ONNXGraphProto) -> Self {
    Self(name, 5) { $0.g = graph }
  }

  static func sparse(_ name: String, _ tensor: ONNXSparseTensorProto) -> Self {
    Self(name, 11) { $0.sparseTensor = tensor }
  }

  /// An attribute of a function's body that has the value of one of the call.
  static func reference(_ name: String, _ outer: String, type: Int32) -> Self {
    Self(name, type) { $0.refAttrName = outer }
  }
}

extension ONNXTensorProto {
  /// - Parameter extents: of one axis unless they are given.
  init(_ name: String, _ numbers: [Int64], _ extents: [Int64]? = nil) {
    self.init()
    self.name = name
    dataType = 7
    dims = extents ?? [Int64(numbers.count)]
    int64Data = numbers
  }

  init(_ name: String, floats: [Float], _ extents: [Int64]? = nil) {
    self.init()
    self.name = name
    dataType = 1
    dims = extents ?? [Int64(floats.count)]
    floatData = floats
  }

  /// Two floats in another file.
  init(_ name: String, in entries: [String: String]) {
    self.init()
    self.name = name
    dataType = 1
    dims = [2]
    dataLocation = 1
    externalData = entries.sorted { $0.key < $1.key }.map { key, value in
      var entry = ONNXStringStringEntryProto()
      entry.key = key
      entry.value = value
      return entry
    }
  }
}

extension ONNXSparseTensorProto {
  init(_ values: [Float], at indices: [Int64], _ extents: [Int64]) {
    self.init()
    self.values = ONNXTensorProto("", floats: values)
    self.indices = ONNXTensorProto("", indices)
    dims = extents
  }
}

extension ONNXValueInfoProto {
  /// An extent is a number, or the name of one.
  enum Extent: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    case number(Int64), name(String)

    init(integerLiteral value: Int64) { self = .number(value) }
    init(stringLiteral value: String) { self = .name(value) }
  }

  static func untyped(_ name: String) -> Self {
    var message = Self()
    message.name = name
    return message
  }

  static func tensor(_ name: String, _ extents: [Extent], element: Int32 = 1) -> Self {
    var message = untyped(name)
    message.type.tensorType.elemType = element
    message.type.tensorType.shape.dim = extents.map { extent in
      var dimension = ONNXTensorShapeProto.Dimension()
      switch extent {
      case .number(let number): dimension.dimValue = number
      case .name(let name): dimension.dimParam = name
      }
      return dimension
    }
    return message
  }

  static func sequence(_ name: String) -> Self {
    var message = untyped(name)
    message.type.sequenceType.elemType.tensorType.elemType = 1
    return message
  }
}
