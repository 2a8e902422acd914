import Foundation
import GraphIR
import Hardware
import ProgramSchema
import Support
import Tensors

extension CompiledModel {
  /// Writes a program file, whole or not at all.
  ///
  /// - Throws: a `Diagnostic` if the file cannot be written, or the program is larger than a file may be.
  public func write(to path: String) throws {
    try withBytes { try FileBytes.write($0, to: path) }
  }

  /// Lets `body` read the bytes of the file; the same program gives the same bytes.
  package func withBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    let calls = try program.commands.compactMap { try $0.action.callText }
    let byteCount = expectedByteCount(calls)
    guard byteCount < Self.maximumByteCount else {
      throw Diagnostic(
        .tooLarge(byteCount), help: "a file of this format holds less than 2 GiB")
    }
    let writer = ProgramWriter(capacity: byteCount)
    let root = try writer.write(self, calls)
    return try writer.finish(root, body)
  }

  /// Offsets in FlatBuffers have 32 bits, of which one is a sign; some room is left for what is not counted.
  private static let maximumByteCount = 1 << 31 - 1 << 26

  /// About what the file will have, and no less as long as names are not long.
  private func expectedByteCount(_ calls: [String]) -> Int {
    let bindings = program.inputs + program.outputs + program.values
    let scales = bindings.reduce(0) { $0 + 12 * ($1.type.quantization?.scales.count ?? 0) }
    return program.image.count + program.codes.reduce(0) { $0 + $1.count + 32 }
      + 192 * program.commands.count + calls.reduce(0) { $0 + $1.utf8.count + 256 }
      + 256 * (bindings.count + program.allocations.count + program.layers.count) + scales
      + states.reduce(1 << 16) { $0 + ($1?.byteCount ?? 0) + 32 }
  }
}

extension Action {
  fileprivate var callText: String? {
    get throws {
      guard case .callHost(let call) = self else { return nil }
      return try call.text()
    }
  }
}

extension ProgramWriter {
  /// The root table. The largest parts come first: the file grows from its end.
  fileprivate func write(_ compiled: CompiledModel, _ calls: [String]) throws -> Field {
    let program = compiled.program
    precondition(
      program.image.count == program.imageByteCount, "programs made to be timed are not stored")
    let image = program.image.withUnsafeBytes { bytes($0, "Program", "image") }
    let states = tables(compiled.states.map(state))
    let codes = tables(
      program.codes.map { code in
        let bytes = code.withUnsafeBytes { self.bytes($0, "CodeBook", "bytes") }
        return table("CodeBook", ["bytes": bytes])
      })
    let columns = CommandColumns(program)
    let fields: KeyValuePairs<String, Field> = [
      "version": .integer(Int(dvp_format_version)), "name": text(program.name),
      "model": model(compiled.source), "target": try target(compiled.target),
      "memories": tables(program.memories.map(memory)), "image": image, "codes": codes,
      "layers": tables(program.layers.map(layer)),
      "commands": items(columns.order, "Program", "commands"),
      "copies": items(columns.copies, "Program", "copies"),
      "loads": items(columns.loads, "Program", "loads"),
      "convolutions": items(columns.convolutions, "Program", "convolutions"),
      "rescalings": items(columns.rescalings, "Program", "rescalings"),
      "poolings": items(columns.poolings, "Program", "poolings"),
      "additions": items(columns.additions, "Program", "additions"),
      "softmaxes": items(columns.softmaxes, "Program", "softmaxes"),
      "calls": tables(zip(columns.calls, calls).map(call)),
      "inputs": tables(program.inputs.map(binding)),
      "outputs": tables(program.outputs.map(binding)),
      "values": tables(program.values.map(binding)),
      "allocations": tables(program.allocations.map(allocation)),
      "eliminated": tables(program.eliminated.map(source)), "states": states,
      "has_elided_constants": .flag(program.hasElidedConstants),
      // Room for it: it is taken when everything is in its place.
      "checksum": .integer(0),
    ]
    return table("Program", fields)
  }

  private func model(_ source: CompiledModel.Source) -> Field {
    let (name, format, sha256) = (text(source.name), text(source.format), text(source.sha256))
    return table("Model", ["name": name, "format": format, "sha256": sha256])
  }

  private func target(_ target: Target) throws -> Field {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let json = String(decoding: try encoder.encode(target.description), as: UTF8.self)
    let choice = String(decoding: try encoder.encode(target.choice), as: UTF8.self)
    let (name, sha256, description) = (text(target.name), text(target.sha256), text(json))
    return table(
      "Target",
      ["name": name, "sha256": sha256, "description": description, "choice": text(choice)])
  }

  private func memory(_ memory: Program.Memory) -> Field {
    let name = text(memory.name)
    return table(
      "Memory",
      [
        "name": name, "byte_count": .integer(memory.byteCount),
        "used_bytes": .integer(memory.usedBytes), "lower_bound": .integer(memory.lowerBound),
      ])
  }

  private func source(_ source: SourceOperator) -> Field {
    let kind = text(source.kind)
    return table("Source", ["index": .integer(source.index), "kind": kind])
  }

  private func layer(_ layer: Program.Layer) -> Field {
    let (name, kind, hostReason) = (text(layer.name), text(layer.kind), text(layer.hostReason))
    let sources = tables(layer.sources.map(source))
    let tiling = layer.tiling.map(tiling) ?? .none
    return table(
      "Layer",
      [
        "name": name, "kind": kind, "sources": sources,
        "engine": .integer(layer.engine.rawValue), "host_reason": hostReason,
        "macs": .integer(layer.work.macs),
        "element_operations": .integer(layer.work.elementOperations), "tiling": tiling,
      ])
  }

  private func tiling(_ tiling: Tiling) -> Field {
    table(
      "Tiling",
      [
        "height": .integer(tiling.block.height), "width": .integer(tiling.block.width),
        "depth": .integer(tiling.block.depth),
        "mode": .integer(tiling.mode.map { Int($0.number) } ?? -1),
        "input_depth": .integer(tiling.inputDepth), "block_count": .integer(tiling.blockCount),
        "stages_constants": .flag(tiling.stagesConstants),
      ])
  }

  private func call(_ call: HostCall, _ graph: String) -> Field {
    let graph = text(graph)
    let operands = items(call.operands.map { dovetail_span($0) }, "HostCall", "operands")
    let results = items(call.results.map { dovetail_span($0) }, "HostCall", "results")
    return table("HostCall", ["graph": graph, "operands": operands, "results": results])
  }

  private func binding(_ binding: Program.Binding) -> Field {
    let (name, type) = (text(binding.name), type(binding.type))
    return table(
      "Binding",
      [
        "name": name, "index": .integer(binding.index ?? -1), "type": type,
        "memory": .integer(binding.span.memory), "address": .integer(binding.span.address),
        "byte_count": .integer(binding.span.byteCount), "layer": .integer(binding.layer ?? -1),
      ])
  }

  private func type(_ type: TensorType) -> Field {
    let element = text(type.element.rawValue)
    let extents = items(type.shape.extents.map { Int64($0) }, "TensorType", "extents")
    guard let quantization = type.quantization else {
      return table("TensorType", ["element": element, "extents": extents])
    }
    let scales = items(quantization.scales, "TensorType", "scales")
    let points = items(quantization.zeroPoints.map { Int64($0) }, "TensorType", "zero_points")
    return table(
      "TensorType",
      [
        "element": element, "extents": extents, "axis": .integer(quantization.axis ?? -1),
        "scales": scales, "zero_points": points,
      ])
  }

  private func allocation(_ allocation: Program.Allocation) -> Field {
    let name = text(allocation.name)
    let span = allocation.span
    return table(
      "Allocation",
      [
        "name": name, "kind": .integer(allocation.kind == .value ? 0 : 1),
        "memory": .integer(span.memory), "address": .integer(span.address),
        "byte_count": .integer(span.byteCount),
        "first_layer": .integer(allocation.layers.lowerBound),
        "last_layer": .integer(allocation.layers.upperBound),
      ])
  }

  private func state(_ initial: TensorData?) -> Field {
    guard let initial else { return table("State", [:]) }
    let content = withExtendedLifetime(initial) { bytes($0.bytes, "State", "bytes") }
    return table("State", ["is_known": .flag(true), "bytes": content])
  }
}

extension Diagnostic.Message {
  fileprivate static func tooLarge(_ byteCount: Int) -> Self {
    Self(
      id: "program-too-large", .unsupported, "the program file would have \(byteCount) bytes")
  }
}
