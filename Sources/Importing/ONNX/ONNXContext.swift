import GraphIR
import ONNXSchema
import Support

/// Where nodes stand while they are converted.
struct ONNXContext {
  /// The versions of operators, by domain.
  let versions: [String: Int]
  /// What attributes of a function's body that refer to those of the caller stand for.
  var attributes: [String: ONNXAttributeProto] = [:]
  /// The operator of the model's own graph that nodes belong to, where they are not of that graph themselves.
  var source: SourceOperator?
  /// How many functions and bodies stand around.
  var depth = 0
}

extension ONNXContext {
  /// - Throws: a `Diagnostic` if functions and bodies lie in each other so deep that one must contain itself.
  func checkDepth() throws {
    guard depth <= 64 else { throw Diagnostic(.tooDeep) }
  }

  /// One level further down.
  func within(_ source: SourceOperator) -> ONNXContext {
    var copy = self
    copy.source = source
    copy.depth += 1
    return copy
  }
}

extension Diagnostic.Message {
  fileprivate static var tooDeep: Self {
    Self(id: "too-deep", .malformed, "functions and bodies lie in each other more than 64 deep")
  }
}
