import GraphIR
import Operators
import Tensors

extension Pass {
  /// Lets operators limit the real numbers that they compute, so that no activation has to read them back from memory.
  public static let fuseClamps = rewrite(
    "fuse-clamps", "fold activations that limit real numbers into what computes these",
    Rule(replacing: Clip.self) { graph, id, clip in try graph.clamped(id, to: clip.clamp) },
    Rule(replacing: ReLU.self) { graph, id, _ in try graph.clamped(id, to: ReLU.clamp) },
    Rule(replacing: ReLU6.self) { graph, id, _ in try graph.clamped(id, to: ReLU6.clamp) },
    Rule(replacing: ReLU0To1.self) { graph, id, _ in try graph.clamped(id, to: ReLU0To1.clamp) },
    Rule(replacing: ReLUN1To1.self) { graph, id, _ in try graph.clamped(id, to: ReLUN1To1.clamp) })
}

extension Graph {
  /// The operand of an activation, computed by an operator that limits it; nil if none can, or another node reads it too.
  fileprivate mutating func clamped(_ id: NodeID, to clamp: Clamp) throws -> ValueID? {
    let operand = input(of: id)
    guard values[operand].uses.count == 1, !exits.contains(operand),
      let producer = producer(of: operand), var op = nodes[producer].op as? any ClampedOperator,
      // Integers are rounded before they are limited, and may change their scale.
      values[operand].type.element == .f32, haveSameType(operand, result(of: id))
    else { return nil }
    op.clamp = op.clamp.intersection(clamp)
    // Of ranges with nothing in common, the later decides alone.
    guard op.clamp.lower ?? -.infinity <= op.clamp.upper ?? .infinity else { return nil }
    return try insert(
      op, nodes[producer].inputs, results: types(of: nodes[id].results), before: id)[0]
  }
}
