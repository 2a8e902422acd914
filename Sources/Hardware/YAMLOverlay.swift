import Support
import Yams

/// Lays YAML over YAML: what the upper one says holds, and the rest of the lower one remains.
///
/// Mappings are merged key by key. Lists of mappings that have a `port`, or else a `name`, are merged item by item;
/// other lists, and scalars, are replaced.
struct YAMLOverlay {
  /// Aliases make a short file a huge tree; what people write stays far below.
  private var remainingNodes = 10_000

  /// - Throws: a `Diagnostic` if there is more to merge than a target can have.
  mutating func lay(_ upper: Node, over lower: Node) throws -> Node {
    remainingNodes -= 1
    guard remainingNodes > 0 else { throw Diagnostic(.tooManyNodes) }
    if let fields = upper.mapping, let lowerFields = lower.mapping {
      return .mapping(try merged(fields, over: lowerFields))
    }
    guard let items = upper.sequence, let lowerItems = lower.sequence, !items.isEmpty,
      (items + lowerItems).allSatisfy({ Self.identity($0) != nil })
    else { return upper }
    return .sequence(try merged(items, over: lowerItems))
  }

  private mutating func merged(_ upper: Node.Mapping, over lower: Node.Mapping) throws
    -> Node.Mapping
  {
    var fields = lower
    for (key, value) in upper {
      guard let index = fields.index(forKey: key) else {
        fields[key] = value
        continue
      }
      // The key of the upper one, because its line is where the value stands.
      let pair = (key, try lay(value, over: fields[index].value))
      fields[key] = nil
      fields[pair.0] = pair.1
    }
    return fields
  }

  private mutating func merged(_ upper: Node.Sequence, over lower: Node.Sequence) throws
    -> Node.Sequence
  {
    var items = lower
    for item in upper {
      let same = items.firstIndex { Self.identity($0) == Self.identity(item) }
      if let same { items[same] = try lay(item, over: items[same]) } else { items.append(item) }
    }
    return items
  }

  /// By which an item of a list is known in both lists.
  private static func identity(_ item: Node) -> String? {
    item.mapping?["port"]?.string ?? item.mapping?["name"]?.string
  }
}

extension Diagnostic.Message {
  fileprivate static var tooManyNodes: Self {
    Self(id: "bad-target", .malformed, "the variants have too many fields")
  }
}
