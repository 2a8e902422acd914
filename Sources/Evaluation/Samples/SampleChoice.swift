import GraphIR

extension Graph {
  /// Multiply-accumulates that going through samples may take, where a few of them tell as much as all.
  private static let affordableMACs = 2_500_000_000
  /// Samples that are worth any time.
  private static let leastSamples = 8

  /// Those of so many samples that a network should be looked at layer by layer with: all of them for small networks, and for
  /// large ones some that are spread evenly.
  public func representativeSamples(of count: Int) -> [Int] {
    let macs = order.reduce(1) { $0 + work(of: $1).macs }
    let kept = min(count, max(Self.leastSamples, Self.affordableMACs / macs))
    return (0..<kept).map { $0 * count / kept }
  }
}
