import GraphIR
import Hardware
import Lowering
import Operators
import Support
import TestSupport
import Tensors
import Testing

/// The verifier finds whatever is broken in a sound program.
struct BrokenProgramTests {
  private let sound: Program

  init() throws {
    let text = """
      graph g(%x: i8<0.05>[1, 8, 8, 16]) {
        %w = constant(random(1)) : i8<0.01>[16, 3, 3, 16]
        %y = conv2d(%x, %w) {padding: "same"} : i8<0.05>[1, 8, 8, 16]
        %z = add(%y, %x) : i8<0.1>[1, 8, 8, 16]
        return %z
      }
      """
    sound = try Program(
      lowering: GraphParser(text, operators: Operators.all).graph, to: TestTarget.make())
  }

  @Test func soundProgramIsSound() {
    #expect(sound.verify() == [])
    #expect(Set(sound.commands.map(\.action.engine)).count == 4)
  }

  @Test func everyDependencyMatters() {
    for (index, command) in sound.commands.enumerated() {
      for engine in Engine.allCases where command.dependencies[engine] != nil {
        var broken = sound
        broken.commands[index].dependencies = command.dependencies.without(engine)
        // What is left may still wait for it, through others.
        let ids = broken.verify().map(\.message.id)
        #expect(ids.isEmpty || ids == ["hazard"])
      }
    }
  }

  @Test func commandThatWaitsForNobodyIsAHazard() {
    var hazards: [Int] = []
    let waiting = sound.commands.indices.filter { !sound.commands[$0].dependencies.all.isEmpty }
    for index in waiting {
      var broken = sound
      broken.commands[index].dependencies = Dependencies()
      guard let problem = broken.verify().first else { continue }
      #expect(problem.message.id == "hazard")
      hazards.append(index)
    }
    // Dependencies are found in granules of 64 bytes, so some are more careful than they need be.
    #expect(3 * hazards.count >= 2 * waiting.count, "\(hazards) of \(waiting)")
  }

  @Test func addressBeyondTheMemoryIsOutOfBounds() throws {
    let index = try firstIndex { if case .load = $0 { true } else { false } }
    for address in [-1, 1 << 40, sound.memories[0].usedBytes - 1] {
      expect("out-of-bounds") { $0.changeLoad(index) { $0.tile.address = address } }
    }
  }

  @Test func shiftedAddressReadsWhatNothingWrote() throws {
    let index = try firstIndex { if case .load = $0 { true } else { false } }
    let end = sound.memories[0].usedBytes
    expect("reads-unwritten") {
      $0.memories[0].usedBytes += 1 << 20
      $0.changeLoad(index) { $0.tile.address = end }
    }
  }

  @Test func shrunkMemoriesAreOutOfBounds() {
    for memory in sound.memories.indices {
      expect("out-of-bounds") { $0.memories[memory].usedBytes = 100 }
      expect("out-of-bounds") { $0.memories[memory].usedBytes = -1 }
      expect("out-of-bounds") { $0.memories[memory].usedBytes = 1 << 50 }
    }
  }

  @Test func outputBeyondTheMemoryIsOutOfBounds() {
    for span in [
      Span(memory: 0, address: 1 << 50, byteCount: 1), Span(memory: 9, address: 0, byteCount: 1),
      Span(memory: 0, address: -8, byteCount: 4), Span(memory: 0, address: .max, byteCount: .max),
      Span(memory: 0, address: 0, byteCount: -1),
    ] {
      expect("out-of-bounds") { $0.outputs[0].span = span }
    }
  }

  @Test func outputThatNothingWritesIsReported() {
    let end = sound.memories[2].usedBytes
    let byteCount = sound.outputs[0].span.byteCount
    let buffer = Span(memory: 2, address: end - byteCount, byteCount: byteCount)
    expect("unwritten-output") { $0.outputs[0].span = buffer }
  }

  @Test func commandThatWaitsForALaterOneIsBad() {
    let last = sound.commands.count - 1
    let engine = sound.commands[last].action.engine
    expect("bad-program") { $0.commands[0].dependencies.insert(last, on: engine) }
    expect("bad-program") { $0.commands[0].dependencies.insert(1 << 30, on: .mover) }
  }

  @Test func reorderedCommandsAreFound() {
    var broken = sound
    broken.commands.reverse()
    #expect(!broken.verify().isEmpty)
    for index in sound.commands.indices.dropFirst() {
      let pair = sound.commands[index - 1...index]
      guard pair.last?.dependencies.all.contains(index - 1) == true else { continue }
      var broken = sound
      broken.commands.swapAt(index - 1, index)
      #expect(!broken.verify().isEmpty, "commands \(index - 1) and \(index)")
    }
  }

  @Test func missingCopyOfWeightsIsFound() throws {
    let copy = try firstIndex { if case .copy = $0 { true } else { false } }
    guard case .copy(let from, let to) = sound.commands[copy].action else { return }
    expect("reads-unwritten") {
      $0.commands[copy].action = .copy(from: from.part(at: 0, 16), to: to.part(at: 0, 16))
    }
  }

  @Test func wrongSizesAreBad() throws {
    let convolve = try firstIndex { if case .convolve = $0 { true } else { false } }
    expect("bad-program") {
      $0.changeConvolve(convolve) { $0.weights = $0.weights.part(at: 0, 1) }
    }
    let copy = try firstIndex { if case .copy = $0 { true } else { false } }
    guard case .copy(let from, let to) = sound.commands[copy].action else { return }
    expect("bad-program") {
      $0.commands[copy].action = .copy(from: from.part(at: 0, from.byteCount - 1), to: to)
    }
  }

  @Test func layerThatDoesNotExistIsBad() {
    expect("bad-program") { $0.commands[0].layer = 99 }
    expect("bad-program") { $0.commands[0].layer = -1 }
  }

  @Test func dependencyOnAnotherEngineThanTheCommandsIsBad() throws {
    let index = try firstIndex { if case .convolve = $0 { true } else { false } }
    expect("bad-program") { $0.commands[index].dependencies.insert(0, on: .host) }
  }

  /// Their sums and products overflow.
  @Test func wildNumbersOfATileAreOutOfBounds() throws {
    let index = try firstIndex { if case .load = $0 { true } else { false } }
    for (height, width, channels, rowStride, pixelStride) in [
      (Int.max, Int.max, Int.max, Int.max, Int.max), (2, 1, 16, Int.max, 16),
      (2, 2, 16, -128, 16), (2, 2, 16, 16, 16), (1, 2, 16, 128, 8), (-1, 2, 16, 128, 16),
      (1 << 31 - 1, 1 << 31 - 1, 16, 16, 16),
    ] {
      expect("out-of-bounds") {
        $0.changeLoad(index) {
          $0.tile = Tile(
            memory: 0, address: 0, height: height, width: width, channels: channels,
            rowStride: rowStride, pixelStride: pixelStride)
        }
      }
    }
  }

  @Test func memoriesOfAnotherTargetAreBad() {
    expect("bad-program") { $0.memories.removeLast() }
  }

  @Test func valueOfAnotherSizeThanItsTypeIsBad() {
    expect("bad-program") { $0.outputs[0].span = $0.outputs[0].span.part(at: 0, 8) }
  }

  @Test func constantsCannotBeOverwritten() throws {
    let copy = try firstIndex { if case .copy = $0 { true } else { false } }
    guard case .copy(let from, _) = sound.commands[copy].action else { return }
    expect("bad-program") { $0.commands[copy].action = .copy(from: from, to: from) }
  }

  private func expect(
    _ id: String, _ sourceLocation: SourceLocation = #_sourceLocation,
    _ change: (inout Program) -> Void
  ) {
    var broken = sound
    change(&broken)
    #expect(broken.verify().map(\.message.id) == [id], sourceLocation: sourceLocation)
  }

  private func firstIndex(_ isRight: (Action) -> Bool) throws -> Int {
    try #require(sound.commands.firstIndex { isRight($0.action) })
  }
}

extension Program {
  fileprivate mutating func changeLoad(_ index: Int, _ change: (inout Load) -> Void) {
    guard case .load(var load) = commands[index].action else { return }
    change(&load)
    commands[index].action = .load(load)
  }

  fileprivate mutating func changeConvolve(_ index: Int, _ change: (inout Convolve) -> Void) {
    guard case .convolve(var convolve) = commands[index].action else { return }
    change(&convolve)
    commands[index].action = .convolve(convolve)
  }
}

extension Dependencies {
  fileprivate func without(_ engine: Engine) -> Dependencies {
    Engine.allCases.reduce(into: Dependencies()) { left, other in
      if other != engine, let command = self[other] { left.insert(command, on: other) }
    }
  }
}
