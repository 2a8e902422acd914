import Foundation

/// Consecutive layers that belong together.
package struct LayerBlock: Hashable {
  package let name: String
  package let layers: ClosedRange<Int>

  /// Cuts the layers where their names change scope or where only one result is alive, whichever makes blocks of a size
  /// that is good to read.
  ///
  /// - Parameters:
  ///   - names: of the layers.
  ///   - producers: for each layer those whose results it reads.
  package static func all(_ names: [String], _ producers: [[Int]]) -> [LayerBlock] {
    guard !names.isEmpty else { return [] }
    let scopes = names.map(scope)
    let candidates =
      (1...5).map { byScope(names, scopes, depth: $0) } + [byStructure(names, producers)]
    let best = candidates.min { distance($0, names.count) < distance($1, names.count) }
    guard let best, 3 * best.count < 2 * names.count || names.count < 30 else {
      return byCount(names, 10)
    }
    return best
  }

  /// How far the mean size is from five, as a ratio.
  private static func distance(_ blocks: [LayerBlock], _ count: Int) -> Double {
    abs(log(Double(count) / Double(blocks.count) / 5))
  }

  private static func byScope(
    _ names: [String], _ scopes: [[Substring]], depth: Int
  ) -> [LayerBlock] {
    let starts = names.indices.filter { layer in
      let scope = scopes[layer].prefix(depth)
      return layer == 0 || scope.isEmpty || scope != scopes[layer - 1].prefix(depth)
    }
    return cut(starts, names.count) { layers in
      let scope = scopes[layers.lowerBound].prefix(depth)
      return scope.isEmpty ? names[layers.lowerBound] : scope.joined(separator: "/")
    }
  }

  /// The outer parts of a name, in the chain of fused names that of the first.
  private static func scope(_ name: String) -> [Substring] {
    Array(name.firstOfFused.split(separator: "/").dropLast().prefix(5))
  }

  /// Cuts where everything that follows reads only the last result.
  private static func byStructure(_ names: [String], _ producers: [[Int]]) -> [LayerBlock] {
    var last = Array(names.indices)
    for (reader, sources) in producers.enumerated() {
      for source in sources where source < reader { last[source] = max(last[source], reader) }
    }
    var reach = 0
    var starts = [0]
    for layer in names.indices.dropFirst() {
      // Results before the last one that are still to be read span this place.
      if layer > 1 { reach = max(reach, last[layer - 2]) }
      if reach < layer { starts.append(layer) }
    }
    return cut(starts, names.count) { $0.count == 1 ? names[$0.lowerBound] : "block" }
  }

  private static func byCount(_ names: [String], _ size: Int) -> [LayerBlock] {
    cut(Array(stride(from: 0, to: names.count, by: size)), names.count) { _ in "layers" }
  }

  private static func cut(
    _ starts: [Int], _ count: Int, name: (ClosedRange<Int>) -> String
  ) -> [LayerBlock] {
    zip(starts, starts.dropFirst() + [count]).map { start, end in
      LayerBlock(name: name(start...end - 1), layers: start...end - 1)
    }
  }
}
