import GraphIR
import Hardware
import Operators

/// A schedule that is asked for instead of searched for, so that all of them can be compared.
package struct ScheduleChoice: Hashable, Sendable {
  /// Layers that take turns; the others stand alone.
  package let groups: [Range<Int>]
  /// Whether blocks in groups are low.
  package let isFlat: Bool
  /// The computed values that lie in the slow memory, besides those that leave the network.
  package let spilled: Set<ValueID>

  /// All cuts between layers, with all choices of values for a slow memory, if the target has one.
  ///
  /// - Complexity: exponential in layers and values; for graphs of few layers.
  package static func all(
    for graph: Graph, on target: TargetDescription
  ) throws -> [ScheduleChoice] {
    let lowering = try Lowering(graph, target, Strategy())
    let hasSlow = target.memory(holding: .spilledActivations) != nil
    let free = lowering.uses.values.filter { hasSlow && !lowering.uses.isInterface($0) }
    return partitions(lowering.layers).flatMap { groups in
      (groups.isEmpty ? [false] : [false, true]).flatMap { isFlat in
        subsets(of: free).map { ScheduleChoice(groups: groups, isFlat: isFlat, spilled: $0) }
      }
    }
  }

  /// The groups of several layers, for all ways to cut between layers.
  private static func partitions(_ layers: [LayerPlan]) -> [[Range<Int>]] {
    guard layers.count > 1 else { return [[]] }
    return (0..<1 << (layers.count - 1)).compactMap { joints -> [Range<Int>]? in
      var groups = [0..<1]
      for layer in 1..<layers.count {
        if joints >> (layer - 1) & 1 == 0 {
          groups.append(layer..<layer + 1)
        } else {
          guard layers[layer - 1].hasRows, layers[layer].hasRows else { return nil }
          groups[groups.count - 1] = groups[groups.count - 1].lowerBound..<layer + 1
        }
      }
      return groups.filter { $0.count > 1 }
    }
  }

  private static func subsets(of values: [ValueID]) -> [Set<ValueID>] {
    values.reduce([[]]) { sets, value in sets + sets.map { $0.union([value]) } }
  }
}

extension Program {
  /// The program of a schedule that is asked for; nil if it does not fit.
  package init?(lowering graph: Graph, to target: TargetDescription, as choice: ScheduleChoice)
    throws
  {
    let plan = try Lowering(graph, target, Strategy(choice: choice)).withPlaces()
    guard plan.fits, plan.schedule.groups.filter({ $0.count > 1 }) == choice.groups else {
      return nil
    }
    self = try plan.emitted()
  }
}
