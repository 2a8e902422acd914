/// The operators that a text or a file may name.
public struct OperatorSet: Sendable {
  /// Their types, in the order given.
  public let all: [any Operator.Type]
  private let byName: [String: any Operator.Type]

  /// - Precondition: no two have the same name.
  public init(_ all: [any Operator.Type]) {
    self.all = all
    byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
  }

  /// The operator of this name in the text form; nil if there is none.
  public subscript(name: String) -> (any Operator.Type)? { byName[name] }
}
