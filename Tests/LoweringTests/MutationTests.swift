import Foundation
import GraphIR
import Importing
import Lowering
import Passes
import Simulation
import Support
import TestSupport
import Testing

/// Damaged models go all the way to a timeline, or are reported: they never crash, hang, or make a wrong program.
struct MutationTests {
  private static let models = TestFiles.allModels.filter { (try? Model($0)) != nil }

  /// `DOVETAIL_MUTATIONS` raises their number for a long search.
  @Test(.enabled(if: !models.isEmpty, "no models"), arguments: 0..<TestFiles.mutations)
  func damagedModelIsLoweredOrReported(number: Int) throws {
    let path = Self.models[number % Self.models.count]
    let whole = try Array(Data(contentsOf: URL(fileURLWithPath: path)))
    var generator = SeededGenerator(seed: UInt64(number))
    try TestFiles.withFolder { folder in
      let file = "\(folder)/damaged.tflite"
      try FileBytes.write(Self.damaged(whole, &generator), to: file)
      try expectSoundOrReported(file, "mutation \(number) of \(path)")
    }
  }

  private func expectSoundOrReported(_ path: String, _ what: String) throws {
    do {
      let found = try Self.problems(of: path)
      #expect(found == [], "\(what)")
    } catch let diagnostic as Diagnostic {
      #expect(diagnostic.message.cause != .ourFault, "\(what): \(diagnostic)")
    } catch let diagnostics as Diagnostics {
      #expect(
        diagnostics.all.allSatisfy { $0.message.cause != .ourFault }, "\(what): \(diagnostics)")
    }
  }

  /// What the verifier says of the program of a model, which is then timed.
  private static func problems(of path: String) throws -> [Diagnostic] {
    var graph = try Model(path).graph
    try Pipeline.standard.run(on: &graph)
    let program = try Program(lowering: graph, to: TestTarget.make())
    let found = program.verify()
    if found.isEmpty { #expect(Timeline(of: program).latencyCycles >= 0) }
    return found
  }

  /// One to four bytes changed, among them often the last part of the file, where the tables of small models lie.
  private static func damaged(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
    var damaged = bytes
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      let start = generator.next() % 2 == 0 ? 0 : max(0, bytes.count - 8192)
      let place = Int.random(in: start..<bytes.count, using: &generator)
      damaged[place] = UInt8.random(in: 0...255, using: &generator)
    }
    return damaged
  }
}
