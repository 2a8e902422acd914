import Foundation
import GraphIR
import Hardware
import Importing
import Lowering
import Operators
import Passes
import ProgramSchema
import Simulation
import Support
import TestSupport
import Tensors
import Testing

/// Program files hold all that a program is, and wrong ones are refused.
struct ProgramFileTests {
  @Test(arguments: Golden.all(beside: #filePath))
  func goldenSurvivesTheFile(_ golden: Golden) throws {
    let graph = try GraphParser(golden.input, operators: Operators.all).graph
    try expectSurvival(of: graph, "ethos-u55-128")
  }

  @Test(arguments: 0..<40 as Range<UInt64>, TargetVariant.names)
  func randomNetworkSurvivesTheFile(seed: UInt64, target: String) throws {
    try expectSurvival(of: RandomNetwork.make(seed: seed), target)
  }

  @Test(arguments: TestFiles.existing([TestFiles.fashion] + TestFiles.tinyModels))
  func networkSurvivesTheFile(path: String) throws {
    var graph = try Model(path).graph
    try Pipeline.standard.run(on: &graph)
    try expectSurvival(of: graph, "ethos-u55-128")
  }

  /// Host calls with constants, with graphs of their own, and with quantization that text cannot hold in a line.
  @Test func callsSurviveTheFile() throws {
    try expectSurvival(of: Self.graph(Self.calls), "ethos-u55-128")
  }

  /// The slice is a view of the input, at an address of its own.
  @Test func programWithoutLayersSurvivesTheFile() throws {
    let text = """
      graph g(%x: i8<0.5>[1, 8, 4, 2]) {
        %y = strided_slice(%x) {begin: [0, 2, 0, 0], size: [1, 6, 4, 2], step: [1, 1, 1, 1]} : \
        i8<0.5>[1, 6, 4, 2]
        return %y
      }
      """
    let graph = try Self.graph(text)
    #expect(try Self.compiled(graph).program.layers.isEmpty)
    try expectSurvival(of: graph, "ethos-u55-128")
  }

  @Test func statesSurviveTheFile() throws {
    let compiled = try Self.compiled(Self.graph(Self.counter))
    let restored = try Self.restored(compiled)
    #expect(restored.states == [TensorData([Int32(7)])])
    #expect(restored.inputs.map(\.name) == ["x"] && restored.outputs.count == 1)
    let execution = try DeviceExecution(
      restored.program, states: restored.states, on: Simulator())
    let one = Tensor(TensorType(.i32, [1]), numbers: [1])
    let sums = try (0..<3).map { _ in try execution.run([one]).outputs[0].tensor.storedNumbers }
    #expect(sums == [[8], [9], [10]])
  }

  @Test func elidedConstantsStayAway() throws {
    let text = Self.calls.replacingOccurrences(of: "constant(random(1))", with: "constant(elided)")
    let restored = try Self.restored(Self.compiled(Self.graph(text)))
    #expect(restored.program.hasElidedConstants)
    #expect(Timeline(of: restored.program).latencyCycles > 0)
    #expect(throws: Diagnostic.self) { try Simulator().load(restored.program) }
  }

  @Test func fileOfALaterVersionIsRefused() throws {
    let version = try Self.refusal { Self.setField(&$0, "version", Int32(2)) }
    #expect(version?.message.id == "newer-program" && version?.message.cause == .unsupported)
    let oldest = try Self.refusal { Self.setField(&$0, "version", Int32(0)) }
    #expect(oldest?.message.cause == .malformed)
  }

  @Test func otherFilesAreRefused() throws {
    let found = try Self.refusal { $0 = Array("no program at all".utf8) }
    #expect(found?.message.id == "not-a-program")
    #expect(try Self.refusal { $0 = [] }?.message.id == "not-a-program")
  }

  @Test func unknownCommandIsUnsupported() throws {
    let found = try Self.refusal { bytes in
      Self.changeVector(&bytes, "commands") { $0.storeBytes(of: Int32(99), as: Int32.self) }
    }
    #expect(found?.message.id == "unknown-in-program" && found?.message.cause == .unsupported)
    #expect(found?.place.spot == "commands[0]")
  }

  @Test func wrongAddressesAreMalformed() throws {
    for address in [-1, Int64.max, 1 << 40] as [Int64] {
      let found = try Self.refusal { bytes in
        Self.changeVector(&bytes, "loads") { $0.storeBytes(of: address, as: Int64.self) }
      }
      #expect(found?.message.id == "out-of-bounds" && found?.message.cause == .malformed)
    }
  }

  /// Extents, strides and pads whose products and sums overflow.
  @Test func impossibleNumbersAreMalformed() throws {
    for offset in stride(from: 8, to: MemoryLayout<dovetail_load>.size, by: 4) {
      for number in [Int32.max, .min, -1] {
        let found = try Self.refusal { bytes in
          Self.changeVector(&bytes, "loads") {
            $0.storeBytes(of: number, toByteOffset: offset, as: Int32.self)
          }
        }
        // What is reserved has no meaning, and a small tile does not need its strides.
        #expect(found.map { $0.message.cause == .malformed } ?? true)
      }
    }
  }

  @Test func everyPrefixIsRefused() throws {
    let bytes = try Self.bytes(of: Self.compiled(Self.graph(Self.calls)))
    for count in stride(from: 0, to: bytes.count - 1, by: 37) {
      let found = try Self.refusal(of: Array(bytes.prefix(count)))
      #expect(found?.message.cause == .malformed, "\(count) bytes")
    }
  }

  /// A bit of weights or names means something else, but nothing impossible: only the checksum tells.
  @Test func anyChangedBitIsFound() throws {
    let bytes = try Self.bytes(of: Self.compiled(RandomNetwork.make(seed: 3)))
    #expect(try Self.refusal(of: bytes) == nil)
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<100 {
      var changed = bytes
      changed[Int.random(in: 0..<bytes.count, using: &generator)] ^=
        1 << UInt8.random(in: 0..<8, using: &generator)
      #expect(try Self.refusal(of: changed) != nil)
    }
  }

  /// Others may write program files without one.
  @Test func checksumMayBeLeftOut() throws {
    #expect(try Self.refusal { Self.setField(&$0, "checksum", Int64(-1)) } == nil)
    let wrong = try Self.refusal { Self.setField(&$0, "checksum", Int64(1)) }
    #expect(wrong?.message.id == "bad-program-file")
  }

  /// Files without a checksum, by which all of these would be found. `DOVETAIL_MUTATIONS` raises their number for a long
  /// search.
  @Test(arguments: 0..<TestFiles.mutations)
  func damagedFileIsRefusedOrSound(number: Int) throws {
    var generator = SeededGenerator(seed: UInt64(number))
    let graph =
      number % 3 == 0
      ? try Self.graph(Self.calls) : try RandomNetwork.make(seed: UInt64(number % 20), size: 4)
    var bytes = try Self.bytes(of: Self.compiled(graph))
    Self.setField(&bytes, "checksum", Int64(-1))
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      let place = Int.random(in: 0..<bytes.count, using: &generator)
      bytes[place] = UInt8.random(in: 0...255, using: &generator)
    }
    if let found = try Self.refusal(of: bytes) {
      #expect([.malformed, .unsupported].contains(found.message.cause), "\(found)")
    }
  }

  @Test func schemaFileHasTheFieldsOfTheLists() throws {
    let path = TestFiles.repository.appending(path: "Sources/ProgramSchema/program.fbs").path
    let text = try FileBytes.text(of: path)
    let tables = text.matches(of: /(?m)^table (\w+) \{\n((?:  .*\n)*)\}/)
    #expect(tables.count == 13)
    for table in tables {
      let fields = String(table.2).matches(of: /(?m)^  (\w+):/).map { String($0.1) }
      let listed = (0...fields.count).map { index in
        dvp_field_name(String(table.1), index).map { String(cString: $0) }
      }
      #expect(listed == fields + [nil], "\(table.1)")
    }
  }
}

extension ProgramFileTests {
  private static let calls = """
    graph calls(%x: f32[2, 4], %c: bool[]) {
      %w = constant(random(1)) : f32[4]
      %a = add(%x, %w) : f32[2, 4]
      %b = if(%c, %a) {otherwise: ["graph b(%x: f32[2, 4]) {", "  %y = abs(%x) : f32[2, 4]", \
    "  return %y", "}"], then: ["graph b(%x: f32[2, 4]) {", "  %y = neg(%x) : f32[2, 4]", \
    "  return %y", "}"]} : f32[2, 4]
      %d = transpose(%b) {permutation: [1, 0]} : f32[4, 2]
      return %d
    }
    """

  private static let counter = """
    graph counter(%x: i32[1]) {
      %s = state(dense(7)) : i32[1]
      %y = add(%s, %x) : i32[1]
      next %s = %y
      return %y
    }
    """

  private static func graph(_ text: String) throws -> Graph {
    try GraphParser(text, operators: Operators.all).graph
  }

  private static func compiled(
    _ graph: Graph, _ target: String = "ethos-u55-128"
  ) throws -> CompiledModel {
    let source = CompiledModel.Source(
      name: "net", format: "graph", sha256: String(repeating: "0f", count: 32))
    return try CompiledModel(graph, from: source, for: Target(TargetVariant.path(of: target)))
  }

  private static func bytes(of compiled: CompiledModel) throws -> [UInt8] {
    try compiled.withBytes { Array($0) }
  }

  private static func restored(_ compiled: CompiledModel) throws -> CompiledModel {
    try TestFiles.withFolder { folder in
      try compiled.write(to: "\(folder)/net.dvp")
      return try CompiledModel("\(folder)/net.dvp")
    }
  }

  /// A program and its file say, cost and compute the same.
  private func expectSurvival(of graph: Graph, _ target: String) throws {
    let compiled = try Self.compiled(graph, target)
    let restored = try Self.restored(compiled)
    let (program, other) = (compiled.program, restored.program)
    #expect(program.description == other.description)
    #expect(program.scheduleDescription == other.scheduleDescription)
    #expect(program.target == other.target && program.image == other.image)
    #expect(program.allocations == other.allocations && program.eliminated == other.eliminated)
    #expect(compiled.source == restored.source)
    #expect(try Self.bytes(of: compiled) == Self.bytes(of: compiled))
    #expect(try Self.bytes(of: compiled) == Self.bytes(of: restored))
    #expect(Timeline(of: program).layers == Timeline(of: other).layers)
    let inputs = program.inputs.enumerated().map { position, input in
      Tensor.random(input.type, seed: UInt64(position))
    }
    let outputs = try [program, other].map {
      try Simulator().load($0).run(inputs).outputs.map(\.data)
    }
    let isSame = outputs[0] == outputs[1]
    #expect(isSame, "outputs differ")
  }

  /// What is wrong with the file of a network after a change; nil if nothing is.
  private static func refusal(_ change: (inout [UInt8]) -> Void) throws -> Diagnostic? {
    var bytes = try bytes(of: compiled(RandomNetwork.make(seed: 3)))
    change(&bytes)
    return try refusal(of: bytes)
  }

  /// A file that is not refused must be sound: it is timed and run.
  private static func refusal(of bytes: [UInt8]) throws -> Diagnostic? {
    try TestFiles.withFolder { folder in
      try FileBytes.write(bytes, to: "\(folder)/net.dvp")
      do {
        let compiled = try CompiledModel("\(folder)/net.dvp")
        #expect(Timeline(of: compiled.program).latencyCycles >= 0)
        guard !compiled.program.hasElidedConstants else { return nil }
        let inputs = compiled.program.inputs.map { Tensor.random($0.type, seed: 1) }
        _ = try Simulator(keepsValues: true).load(compiled.program).run(inputs)
        return nil
      } catch {
        let found: Diagnostic = try #require(Diagnostics(of: error).all.first)
        return found
      }
    }
  }

  /// Overwrites a number of the root table.
  private static func setField<Number: BitwiseCopyable>(
    _ bytes: inout [UInt8], _ field: String, _ number: Number
  ) {
    let place = place(of: field, bytes)
    bytes.withUnsafeMutableBytes { $0.storeBytes(of: number, toByteOffset: place, as: Number.self) }
  }

  /// Lets `change` have the elements of a vector of the root table.
  private static func changeVector(
    _ bytes: inout [UInt8], _ field: String, _ change: (UnsafeMutableRawBufferPointer) -> Void
  ) {
    let place = place(of: field, bytes)
    bytes.withUnsafeMutableBytes { bytes in
      let vector = place + Int(bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
      change(UnsafeMutableRawBufferPointer(rebasing: bytes[(vector + 4)...]))
    }
  }

  /// Where a field of the root table stands, as FlatBuffers say.
  private static func place(of field: String, _ bytes: [UInt8]) -> Int {
    bytes.withUnsafeBytes { bytes in
      let root = Int(bytes.loadUnaligned(as: UInt32.self))
      let vtable = root - Int(bytes.loadUnaligned(fromByteOffset: root, as: Int32.self))
      let slot = (0..<64).first {
        dvp_field_name("Program", $0).map { String(cString: $0) } == field
      }
      let entry = vtable + 4 + 2 * slot!  // a mistake of the test, if there is none
      return root + Int(bytes.loadUnaligned(fromByteOffset: entry, as: UInt16.self))
    }
  }
}
