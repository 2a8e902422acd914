/// A profile as folded stacks, from which flame graphs are drawn: `engine;scope;parts of the name;operator cycles`.
public enum FoldedStacks {
  /// A line for each stack, in the order of the layers; their cycles add up to the latency.
  public static func text(_ profile: Profile) -> String {
    var order: [String] = []
    var cycles: [String: Int] = [:]
    for layer in profile.layers where layer.latencyCycles > 0 {
      let stack = stack(layer)
      if cycles[stack] == nil { order.append(stack) }
      cycles[stack, default: 0] += layer.latencyCycles
    }
    return order.map { "\($0) \(cycles[$0] ?? 0)\n" }.joined()
  }

  private static func stack(_ layer: Profile.Layer) -> String {
    let scopes = layer.resultName.split(separator: "/").map(String.init)
    return ([layer.engine] + scopes + [layer.operator]).map(Escaping.frame).joined(separator: ";")
  }
}
