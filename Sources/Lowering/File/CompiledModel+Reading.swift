import Foundation
import GraphIR
import Hardware
import Operators
import ProgramSchema
import Support
import Tensors

extension CompiledModel {
  /// Reads a program file, and verifies everything that running and timing it rely on.
  ///
  /// - Throws: `Diagnostics` with the file and the place where something is wrong.
  public init(_ path: String) throws {
    let file = try FileBytes(mapping: path)
    self = try withExtendedLifetime(file) {
      try locating(in: Diagnostic.Place(file: path)) { try Self.read(file) }
    }
  }

  private static func read(_ file: FileBytes) throws -> CompiledModel {
    try verify(file)
    let reader = try ProgramReader(file)
    let program = try reader.program()
    try Diagnostics(program.verify().map(\.ofStranger)).throwIfErrors()
    let compiled = CompiledModel(
      program: program, source: try reader.source(), target: reader.target,
      states: try reader.states())
    try compiled.checkStates()
    // Whatever else is wrong says where it is, so this comes last.
    try ProgramChecksum.check(file)
    return compiled
  }

  private static func verify(_ file: FileBytes) throws {
    let start = file.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    let found = dvp_verify(start, file.bytes.count)
    switch found.status {
    case .ok: return
    case .newer:
      throw Diagnostic(.newer(Int(found.version)), help: ProgramTable.newerHelp)
    case .wrong_identifier:
      throw Diagnostic(
        .notAProgram, help: "`dovetail compile MODEL --target T -o FILE.dvp` makes one")
    case .malformed:
      let place = withUnsafeBytes(of: found.place) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      throw Diagnostic(.malformed(place), help: ProgramTable.help)
    }
  }

  /// States are the last inputs and outputs, so that what one run leaves the next one can take.
  private func checkStates() throws {
    let (inputs, outputs) = (program.inputs, program.outputs)
    guard states.count <= min(inputs.count, outputs.count) else {
      throw Diagnostic(.stateCount(states.count), help: ProgramTable.help)
    }
    let pairs = zip(inputs.suffix(states.count), outputs.suffix(states.count))
    for (state, (input, output)) in zip(states, pairs) {
      let hasSize = state.map { $0.byteCount == input.type.byteCount } ?? true
      guard hasSize, input.type.matches(output.type) else {
        throw Diagnostic(.stateType(input.name), help: ProgramTable.help)
      }
    }
  }
}

extension Diagnostic {
  /// As of a program that is not our own: what would be our fault is then the file's.
  fileprivate var ofStranger: Diagnostic {
    guard message.cause == .ourFault else { return self }
    return Diagnostic(
      severity, Message(id: message.id, .malformed, message.text), at: place,
      help: help ?? ProgramTable.help)
  }
}

/// Reads the tables of a verified file, which must stay mapped meanwhile.
private struct ProgramReader {
  let target: Target
  private let root: ProgramTable
  private let file: FileBytes
  /// The target with the memories that the program uses.
  private let description: TargetDescription
  private let layerCount: Int

  init(_ file: FileBytes) throws {
    self.file = file
    root = ProgramTable(root: file)
    target = try Self.target(root.child("target"))
    layerCount = root.children("layers").count
    // The last of the program's memories is the buffer inside the NPU.
    let usesHostMemory = root.children("memories").count > target.description.memories.count + 1
    let extended = target.description.withHostMemory
    description = usesHostMemory ? extended ?? target.description : target.description
  }

  private static func target(_ table: ProgramTable) throws -> Target {
    let json = Data(try table.text("description").utf8)
    guard let description = try? JSONDecoder().decode(TargetDescription.self, from: json) else {
      throw table.wrong("description", "does not describe a target")
    }
    let chosen = Data(try table.text("choice").utf8)
    guard let choice = try? JSONDecoder().decode(TargetChoice.self, from: chosen) else {
      throw table.wrong("choice", "names no variants of a target")
    }
    return try locating(in: Diagnostic.Place(spot: "target.description")) {
      try Target(description, choice, sha256: try digest(table))
    }
  }

  private static func digest(_ table: ProgramTable) throws -> String {
    let text = try table.text("sha256")
    guard text.utf8.count == 64, text.allSatisfy({ $0.isHexDigit }) else {
      throw table.wrong("sha256", "is no digest of 64 hexadecimal digits")
    }
    return text
  }

  func source() throws -> CompiledModel.Source {
    let model = try root.child("model")
    return CompiledModel.Source(
      name: try model.text("name"), format: try model.text("format"),
      sha256: try Self.digest(model))
  }

  func states() throws -> [TensorData?] {
    root.children("states").map { state in
      state.flag("is_known") ? TensorData(state.bytes("bytes"), of: file) : nil
    }
  }

  func program() throws -> Program {
    let calls = try root.children("calls").map(call)
    let image = Array(root.bytes("image"))
    return Program(
      target: description, name: try root.text("name"),
      memories: try root.children("memories").map(memory), image: image,
      imageByteCount: image.count,
      codes: root.children("codes").map { Array($0.bytes("bytes")) }, layers: try layers(),
      commands: try CommandColumns(root, calls).commands(),
      inputs: try root.children("inputs").map(binding),
      outputs: try root.children("outputs").map(binding),
      values: try root.children("values").map(binding),
      allocations: try root.children("allocations").map(allocation),
      eliminated: try root.children("eliminated").map(sourceOperator),
      hasElidedConstants: root.flag("has_elided_constants"))
  }

  private func memory(_ table: ProgramTable) throws -> Program.Memory {
    Program.Memory(
      name: try table.text("name"), byteCount: try table.count("byte_count"),
      usedBytes: try table.count("used_bytes"), lowerBound: try table.count("lower_bound"))
  }

  private func layers() throws -> [Program.Layer] {
    let layers = try root.children("layers").map(layer)
    let work = layers.map(\.work).reduce(Work(), +)
    guard max(work.macs, work.elementOperations) <= Work.maximumCount else {
      throw root.wrong("layers", "have more work than there can be")
    }
    return layers
  }

  private func layer(_ table: ProgramTable) throws -> Program.Layer {
    Program.Layer(
      name: try table.text("name"), kind: try table.text("kind"),
      sources: try table.children("sources").map(sourceOperator),
      engine: try table.choice("engine", of: Engine.allCases),
      hostReason: try table.optionalText("host_reason"),
      work: Work(
        macs: try table.count("macs"), elementOperations: try table.count("element_operations")),
      tiling: try table.optionalChild("tiling").map(tiling))
  }

  private func tiling(_ table: ProgramTable) throws -> Tiling {
    let hasMode = table.integer("mode") != -1
    return Tiling(
      block: TargetDescription.Block(
        height: try table.count("height"), width: try table.count("width"),
        depth: try table.count("depth")),
      mode: hasMode ? try table.choice("mode", of: ArrayMode.numbered) : nil,
      inputDepth: try table.count("input_depth"), blockCount: try table.count("block_count"),
      stagesConstants: table.flag("stages_constants"))
  }

  private func sourceOperator(_ table: ProgramTable) throws -> SourceOperator {
    SourceOperator(index: try table.count("index"), kind: try table.text("kind"))
  }

  private func call(_ table: ProgramTable) throws -> HostCall {
    let operands: [dovetail_span] = table.items("operands")
    let results: [dovetail_span] = table.items("results")
    return try locating(in: Diagnostic.Place(spot: table.path)) {
      try HostCall(
        table.text("graph"), operands: operands.map { Span($0) },
        results: results.map { Span($0) }
      ) { try constant($0, table) }
    }
  }

  /// The bytes of a constant in the image, nil if constants are elided.
  private func constant(_ span: Span, _ call: ProgramTable) throws -> TensorData? {
    if root.flag("has_elided_constants") { return nil }
    let image = root.bytes("image")
    guard span.memory == description.memory(holding: .constants), span.address >= 0,
      (0...image.count).contains(span.byteCount), span.address <= image.count - span.byteCount
    else { throw call.wrong("operands", "have a constant outside of the image") }
    return TensorData(UnsafeRawBufferPointer(rebasing: image[span.range]), of: file)
  }

  private func binding(_ table: ProgramTable) throws -> Program.Binding {
    Program.Binding(
      name: try table.text("name"), index: try table.index("index", below: Int.max),
      type: try type(table.child("type")), span: try span(table),
      layer: try table.index("layer", below: layerCount))
  }

  private func span(_ table: ProgramTable) throws -> Span {
    Span(
      memory: table.integer("memory"), address: table.integer("address"),
      byteCount: table.integer("byte_count"))
  }

  private func type(_ table: ProgramTable) throws -> TensorType {
    let name = try table.text("element")
    guard let element = ElementType(rawValue: name) else {
      throw Diagnostic(.unknownElement(name), at: table.path, help: ProgramTable.newerHelp)
    }
    let extents: [Int64] = table.items("extents")
    guard let shape = Shape(checking: extents.map { Int($0) }) else {
      throw table.wrong("extents", "are \(extents), which no tensor can have")
    }
    return TensorType(element, shape, try quantization(table, shape, element))
  }

  private func quantization(
    _ table: ProgramTable, _ shape: Shape, _ element: ElementType
  ) throws -> Quantization? {
    let scales: [Float] = table.items("scales")
    let points: [Int64] = table.items("zero_points")
    let axis = try table.index("axis", below: shape.rank)
    guard points.count == scales.count, axis != nil || scales.count <= 1 else {
      throw table.wrong("scales", "do not go with zero points and axis")
    }
    guard !scales.isEmpty else { return nil }
    let quantization = Quantization(axis: axis, scales: scales, zeroPoints: points.map { Int($0) })
    if let problem = quantization.problem(for: shape, element) {
      throw table.wrong("scales", "cannot be: \(problem)")
    }
    return quantization
  }

  private func allocation(_ table: ProgramTable) throws -> Program.Allocation {
    // Where no layer is left, as of a graph of views alone, values count as those of one.
    let end = max(layerCount, 1)
    let first = try table.integer("first_layer", in: 0..<end)
    let last = try table.integer("last_layer", in: first..<end)
    return Program.Allocation(
      name: try table.text("name"), kind: try table.choice("kind", of: [.value, .stagedConstants]),
      span: try span(table), layers: first...last)
  }
}

extension Diagnostic.Message {
  fileprivate static func newer(_ version: Int) -> Self {
    Self(
      id: "newer-program", .unsupported,
      "is a program file of version \(version); versions up to \(dvp_format_version) are known here"
    )
  }

  fileprivate static var notAProgram: Self {
    Self(id: "not-a-program", .malformed, "is no program file, whatever its name says")
  }

  fileprivate static func malformed(_ place: String) -> Self {
    let what = place.isEmpty ? "its table of contents" : "`\(place)`"
    return Self(
      id: "bad-program-file", .malformed, "\(what) is not what the format says it is")
  }

  fileprivate static func unknownElement(_ name: String) -> Self {
    Self(id: "unknown-in-program", .unsupported, "there is no element type `\(name)`")
  }

  fileprivate static func stateCount(_ count: Int) -> Self {
    Self(
      id: "bad-program-file", .malformed, "there are \(count) states, but fewer inputs or outputs")
  }

  fileprivate static func stateType(_ name: String) -> Self {
    Self(
      id: "bad-program-file", .malformed,
      "what a run leaves in state `\(name)` is not what the next one takes")
  }
}
