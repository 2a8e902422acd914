import Support
import Tensors

/// What a model's inputs hold, for a graph that is read for one run only: everything that depends on them is then
/// computed while the graph is read, and shapes that depend on values are known.
public struct KnownInputs: Sendable {
  /// By the input's name.
  public var tensors: [String: Tensor]
  /// Of inputs that are lists of tensors.
  public var sequences: [String: [Tensor]]

  /// Every input of the model must be there when it is read.
  public init(_ tensors: [String: Tensor], sequences: [String: [Tensor]] = [:]) {
    self.tensors = tensors
    self.sequences = sequences
  }

  /// - Throws: a `Diagnostic` if there is none for the input, or one of another type.
  func tensor(for name: String, _ type: TensorType) throws -> Tensor {
    guard let tensor = tensors[name], tensor.type.matches(type) else {
      throw Diagnostic(.knownInput(name, type))
    }
    return tensor
  }
}

extension Diagnostic.Message {
  /// Whether the model could be read if it were known what its inputs hold.
  public var isAboutValues: Bool {
    ["depends-on-values", "open-result-shape", "operand-not-constant"].contains(id)
  }

  fileprivate static func knownInput(_ name: String, _ type: TensorType) -> Self {
    Self(id: "no-such-input", .usage, "nothing of type \(type) is given for input `\(name)`")
  }
}
