/// Names of layers that were fused, which TFLite joins by `;`.
package enum JoinedNames {
  /// Each of them; the name itself where nothing is joined.
  package static func parts(of name: String) -> [String] {
    let parts = name.split(separator: ";").map(String.init)
    return parts.isEmpty ? [name] : parts
  }

  /// The first, for lines that people read.
  package static func first(of name: String) -> String { parts(of: name)[0] }
}
