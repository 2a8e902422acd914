import GraphIR
import Lowering
import Simulation
import Testing
import TestSupport
import Hardware

struct TempTests {
  @Test func temp() throws {
    for (seed, name) in [(UInt64(66), "ethos-u85-256"), (122, "ethos-u55-32")] {
      let graph = try RandomNetwork.make(seed: seed)
      let program = try Program(lowering: graph, to: Target(name).description)
      print(graph.text(constants: .elided))
      print(program.scheduleDescription)
      print(program.description)
      let t = Timeline(of: program)
      for (i, c) in program.commands.enumerated() { print(i, c.layer, t.starts[i], t.ends[i]) }
    }
  }
}
