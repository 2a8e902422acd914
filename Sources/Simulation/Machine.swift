import CKernels
import Foundation
import Lowering

/// The target's memories as byte arrays, as far as the program uses them, and the arithmetic of its engines on them.
///
/// A class because it owns the memories.
package final class Machine {
  private let memories: [UnsafeMutableRawBufferPointer]
  /// The memories that commands write; the others hold the same bytes for good.
  private let written: Set<Int>
  private let scratch: OpaquePointer
  /// Of weights that are stored encoded.
  let codes: [WeightCode]
  /// A result before it is spread over its tile.
  let dense: UnsafeMutableRawPointer
  private var constants: [ConstantUse: PreparedConstant] = [:]
  /// What the commands do to memory, in their order of execution.
  private let steps: UnsafeMutablePointer<ck_step>
  /// What is to be done where the kernels stop at a step.
  private var interruptions: [Interruption?] = []

  /// Memories of the program's target, holding the image.
  ///
  /// - Parameter order: in which the commands are to be executed.
  package init(_ program: Program, order: [Int]) {
    memories = program.memories.map { memory in
      guard let start = calloc(max(1, memory.usedBytes), 1) else {
        fatalError("out of memory: \(memory.usedBytes) bytes for `\(memory.name)`")
      }
      return UnsafeMutableRawBufferPointer(start: start, count: memory.usedBytes)
    }
    // Sound programs have sound code books.
    codes = program.codes.map { WeightCode(parsing: $0) ?? WeightCode(planning: [[Int8]]()) }
    written = Set(
      program.commands.flatMap { $0.action.accesses.filter(\.isWrite).map(\.memory) })
    guard let scratch = ck_make_scratch() else { fatalError("out of memory") }
    self.scratch = scratch
    let resultBytes = program.commands.compactMap { $0.action.spreadResult?.byteCount }
    dense = .allocate(byteCount: resultBytes.max() ?? 0, alignment: 64)
    steps = .allocate(capacity: order.count)
    if let constants = program.constantsMemory {
      memories[constants].copyBytes(from: program.image)
    }
    interruptions.reserveCapacity(order.count)
    for (position, command) in order.enumerated() {
      let (step, interruption) = step(program.commands[command])
      (steps + position).initialize(to: step)
      interruptions.append(interruption)
    }
  }

  deinit {
    memories.forEach { free($0.baseAddress) }
    ck_free_scratch(scratch)
    dense.deallocate()
    steps.deallocate()
  }

  /// Does what the commands at these positions of the order do to memory.
  package func execute(_ positions: Range<Int>) throws {
    var next = positions.lowerBound
    while true {
      next += Int(ck_run_steps(steps + next, Int64(positions.upperBound - next), scratch))
      guard next < positions.upperBound else { return }
      switch interruptions[next] {
      case .prepare(let constant): constant.prepare()
      case .work(let work):
        try work()
        next += 1
      case nil: preconditionFailure("the kernels stop only where they need something")
      }
    }
  }

  /// The bytes of a span.
  package func bytes(_ span: Span) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(rebasing: memories[span.memory][span.range])
  }

  func pointer<Element>(_ span: Span) -> UnsafeMutablePointer<Element> {
    bytes(span).baseAddress!.assumingMemoryBound(to: Element.self)  // not empty
  }

  func pointer(_ tile: Tile) -> UnsafeMutableRawPointer {
    memories[tile.memory].baseAddress! + tile.address  // not empty
  }

  /// The constants in a span, which commands share that use them alike.
  func constant(
    _ use: ConstantUse, in span: Span, _ make: @escaping (UnsafeRawBufferPointer) -> any KernelForm
  ) -> PreparedConstant {
    if let known = constants[use] { return known }
    let constant = PreparedConstant(
      UnsafeRawBufferPointer(bytes(span)), mayChange: written.contains(span.memory), make)
    constants[use] = constant
    return constant
  }
}

extension Action {
  /// The tile over which a command spreads a result that is dense at first.
  fileprivate var spreadResult: Tile? {
    switch self {
    case .pool(let pool): pool.result
    case .add(let add): add.result
    case .copy, .load, .convolve, .rescale, .softmax, .callHost: nil
    }
  }
}
