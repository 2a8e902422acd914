import Foundation
import Simulation
import Tensors

/// The outputs of a run in a few lines: what a person wants to see first.
public enum OutputSummary {
  /// For each output its type, its stored numbers (if more than 16, their range), and the real
  /// number that the largest stands for.
  public static func text(_ outputs: [NamedTensor]) -> String {
    outputs.map { output in
      "\(Escaping.terminal(output.name)): \(output.tensor.type)\n\(detail(output.tensor))\n"
    }.joined()
  }

  private static func detail(_ tensor: Tensor) -> String {
    let stored = tensor.storedNumbers
    let real = tensor.realNumbers
    guard let largest = stored.indices.max(by: { stored[$0] < stored[$1] }),
      let smallest = stored.min()
    else { return "  empty" }
    if stored.count <= 16 {
      return "  " + stored.map(short).joined(separator: " ") + best(largest, real)
    }
    return "  from \(short(smallest)) to \(short(stored[largest]))" + best(largest, real)
  }

  private static func best(_ index: Int, _ real: [Double]) -> String {
    "\n  largest: \(short(real[index])) at \(index)"
  }

  private static func short(_ number: Double) -> String { String(format: "%.6g", number) }
}
