import Foundation
import Hardware

/// A target as a page for the terminal.
public struct TargetSheet: Sendable {
  private let target: Target

  /// A sheet about one target, which `text` writes out.
  public init(_ target: Target) { self.target = target }

  /// Speed, memories and supported operators. TOPS count a multiplication and an addition as two.
  public var text: String {
    let description = target.description
    let lines =
      ["\(description.name): \(description.summary)"] + variantLines + [
        "  sha256 \(target.sha256)",
        String(
          format: "  %g MHz, %g multiply-accumulates per cycle, %.3g TOPS", description.clockMHz,
          description.peakMacsPerCycle, description.peakMacsPerCycle * description.clockMHz * 2e-6),
        "",
      ] + memoryTable.lines(width: 100) + [""] + supportTable.lines(width: 100)
      + ["", "anything else runs on the host, \(description.host.name)"]
    return lines.joined(separator: "\n") + "\n"
  }

  /// The variants that hold, for targets that have them.
  private var variantLines: [String] {
    let variants = [
      ("configuration", target.choice.configuration),
      ("system configuration", target.choice.systemConfig),
      ("memory mode", target.choice.memoryMode),
    ]
    return variants.compactMap { kind, name in name.map { "  \(kind) \($0)" } }
  }

  private var memoryTable: TextTable {
    var table = TextTable([
      .init("memory"), .init("size", .right), .init("bytes per cycle", .right),
      .init("burst", .right), .init("read latency", .right), .init("holds"),
    ])
    for memory in target.description.memories {
      table.add([
        memory.name, Figures.bytes(memory.bytes), String(format: "%g", memory.bytesPerCycle),
        Figures.bytes(memory.burstBytes), String(memory.readLatencyCycles),
        memory.holds.map(\.rawValue).joined(separator: ", "),
      ])
    }
    let buffer = target.description.buffer
    table.add([
      buffer.name, Figures.bytes(buffer.banks * buffer.bankBytes), "", "", "",
      "blocks of input, accumulators",
    ])
    return table
  }

  private var supportTable: TextTable {
    var table = TextTable([
      .init("operator"), .init("engine"), .init("elements"), .init("kernel up to"),
      .init("stride up to"), .init("dilation up to"),
    ])
    let engines = [
      ("mac", target.description.array.supports), ("output", target.description.output.supports),
    ]
    for (engine, supports) in engines {
      for (name, support) in supports.sorted(by: { $0.key < $1.key }) {
        let limits = [support.kernel, support.stride, support.dilation].map { limit in
          limit.map { $0.maximum.map(String.init).joined(separator: "x") } ?? ""
        }
        table.add([name, engine, support.elements.joined(separator: ", ")] + limits)
      }
    }
    return table
  }
}
