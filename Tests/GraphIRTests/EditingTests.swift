import GraphIR
import Operators
import Support
import TestSupport
import Tensors
import Testing

struct EditingTests {
  private let vector = TensorType(.f32, [4])

  @Test(arguments: 0..<40 as Range<UInt64>)
  func randomEditsKeepTheGraphSound(seed: UInt64) throws {
    var editor = RandomEditor(seed: seed)
    for step in 0..<120 {
      try editor.edit()
      let problems = editor.graph.verify()
      #expect(problems.isEmpty, "step \(step): \(problems)")
      if !problems.isEmpty { return }
    }
  }

  @Test func replacingAValueByItselfKeepsItsUses() throws {
    var graph = Graph(name: "g")
    let x = graph.addInput("x", vector)
    graph.setOutputs(try graph.insert(ReLU(), [x]))
    graph.replaceAllUses(of: x, with: x)
    #expect(graph.values[x].uses.count == 1)
    #expect(graph.verify().isEmpty)
  }

  @Test func replacingReachesReadersAndOutputs() throws {
    var graph = Graph(name: "g")
    let x = graph.addInput("x", vector)
    let a = try graph.insert(ReLU(), [x])[0]
    let b = try graph.insert(ReLU6(), [x])[0]
    let sum = try graph.insert(Add(), [b, b])[0]
    graph.setOutputs([b, sum])
    graph.replaceAllUses(of: b, with: a)
    #expect(graph.outputs == [a, sum])
    #expect(graph.nodes[graph.producer(of: sum)!].inputs == [a, a])
    #expect(graph.values[b].uses.isEmpty)
    #expect(graph.values[a].uses.map(\.operand) == [0, 1])
  }

  @Test func whatReadAnErasedTransposeHasItsName() throws {
    var graph = Graph(name: "g")
    let x = graph.addInput("x", TensorType(.f32, [2, 3]))
    let a = try graph.insert(ReLU(), [x])[0]
    let b = try graph.insert(Transpose(permutation: [1, 0]), [a])[0]
    let c = try graph.insert(Reshape(shape: [6]), [b])[0]
    graph.rename(c, "c", sourceIndex: 7)
    graph.setOutputs([a])
    graph.erase([graph.producer(of: b)!, graph.producer(of: c)!])
    #expect(graph.values[a].name == "c")
    #expect(graph.values[a].sourceIndex == nil)
    #expect(!graph.hasName(b) && !graph.hasName(c))
  }

  @Test func namesOfOutputsAndOfOthersStay() throws {
    var graph = Graph(name: "g")
    let x = graph.addInput("x", vector)
    let a = try graph.insert(ReLU(), [x])[0]
    let b = try graph.insert(ReLU(), [a])[0]
    graph.setOutputs([b])
    graph.rename(b, "b", sourceIndex: nil)
    graph.moveName(of: b, to: a)
    #expect(!graph.hasName(a))
    graph.moveName(of: b, to: x)
    #expect(graph.values[x].name == "x")
    graph.moveName(of: b, to: a, replacing: true)
    #expect(graph.values[a].name == "b" && !graph.hasName(b))
  }

  @Test func refusedNodesLeaveNoTrace() throws {
    var graph = Graph(name: "g")
    let x = graph.addInput("x", vector)
    let before = graph
    #expect(throws: Diagnostic.self) { try graph.insert(Add(), [x]) }
    #expect(throws: Diagnostic.self) {
      try graph.insert(ReLU(), [x], results: [TensorType(.f32, [5])])
    }
    #expect(graph.values.count == before.values.count)
    #expect(graph.values[x].uses.isEmpty)
  }

  @Test func nodesAreInsertedWhereTheyAreWanted() throws {
    var graph = Graph(name: "g")
    let x = graph.addInput("x", vector)
    let a = try graph.insert(ReLU(), [x])[0]
    let b = try graph.insert(ReLU6(), [a])[0]
    let between = try graph.insert(ReLU(), [a], before: graph.producer(of: b))[0]
    graph.setInput(0, of: graph.producer(of: b)!, to: between)
    #expect(graph.order == [a, between, b].map { graph.producer(of: $0)! })
    #expect(graph.verify().isEmpty)
  }

  @Test func erasedNodesGiveTheirSourcesToTheAbsorber() throws {
    var graph = Graph(name: "g")
    let x = graph.addInput("x", vector)
    let sources = (0..<3).map { SourceOperator(index: $0, kind: "RELU") }
    let a = try graph.insert(ReLU(), [x], from: [sources[2]])[0]
    let b = try graph.insert(ReLU(), [x], from: [sources[0]])[0]
    let c = try graph.insert(ReLU(), [b], from: [sources[1]])[0]
    let ids = [a, b, c].map { graph.producer(of: $0)! }
    graph.setOutputs([a])
    graph.erase([ids[1], ids[2]], absorbedBy: ids[0])
    #expect(graph.nodes[ids[0]].sources == sources)
    #expect(graph.order == [ids[0]])
    #expect(graph.values[x].uses.map(\.node) == [ids[0]])
    #expect(graph.verify().isEmpty)
  }

  @Test func forksDoNotSeeEachOthersChanges() throws {
    let original = try RandomGraph.make(seed: 3, element: .f32)
    let text = original.text()
    var fork = original
    let last = fork.outputs.last!  // a random graph has an output
    let added = try fork.insert(ReLU(), [last])[0]
    fork.replaceAllUses(of: fork.inputs[0], with: fork.inputs[0])
    fork.rename(fork.inputs[0], "renamed", sourceIndex: 1)
    fork.setOutputs([added])
    var second = original
    second.absorb([SourceOperator(index: 0, kind: "X")], into: second.order[0])
    #expect(original.text() == text)
    #expect(fork != original)
    #expect(second != original)
    #expect([original, fork, second].allSatisfy { $0.verify().isEmpty })
  }

  @Test func forksShareTheirWeights() throws {
    let original = try RandomGraph.make(seed: 5, element: .f32)
    var fork = original
    fork.setOutputs([])
    for id in original.usedConstants {
      #expect(original.constantData(id) === fork.constantData(id))
    }
  }
}

/// Makes random changes to a graph of vectors, in which every value can take the place of any other.
private struct RandomEditor {
  var graph = Graph(name: "edited")
  private var generator: SeededGenerator
  private var sources = 0

  init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
    graph.addInput("x", TensorType(.f32, [4]))
    graph.setOutputs(graph.inputs)
  }

  mutating func edit() throws {
    switch Int.random(in: 0..<7, using: &generator) {
    case 0, 1: try insert()
    case 2: replaceUses()
    case 3: setInput()
    case 4: eraseUnread()
    case 5: graph.setOutputs((0..<2).map { _ in pick(defined(before: nil)) })
    default: graph.rename(pick(defined(before: nil)), "v\(generator.next() % 5)", sourceIndex: nil)
    }
  }

  private mutating func insert() throws {
    let successor =
      Bool.random(using: &generator) ? graph.order.randomElement(using: &generator) : nil
    let readable = defined(before: successor)
    let source = SourceOperator(index: sources, kind: "ADD")
    sources += 1
    try graph.insert(Add(), [pick(readable), pick(readable)], from: [source], before: successor)
  }

  private mutating func replaceUses() {
    guard let node = graph.order.randomElement(using: &generator) else { return }
    let old = graph.result(of: node)
    graph.replaceAllUses(of: old, with: pick(defined(before: node) + [old]))
  }

  private mutating func setInput() {
    guard let node = graph.order.randomElement(using: &generator) else { return }
    graph.setInput(
      Int.random(in: 0...1, using: &generator), of: node, to: pick(defined(before: node)))
  }

  private mutating func eraseUnread() {
    let unread = graph.order.filter { id in
      let result = graph.result(of: id)
      return graph.values[result].uses.isEmpty && !graph.outputs.contains(result)
    }
    guard let id = unread.randomElement(using: &generator) else { return }
    let absorber = graph.order.filter { $0 != id }.randomElement(using: &generator)
    graph.erase([id], absorbedBy: absorber)
  }

  /// Inputs, and results of the nodes before the given one.
  private func defined(before node: NodeID?) -> [ValueID] {
    graph.inputs + graph.order.prefix { $0 != node }.map(graph.result)
  }

  private mutating func pick(_ values: [ValueID]) -> ValueID {
    values.randomElement(using: &generator)!  // the input is always among them
  }
}
