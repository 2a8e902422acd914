import Foundation
import GraphIR
import Hardware
import Lowering
import Operators
import Simulation
import Support
import TestSupport
import Tensors
import Testing

/// Whatever numbers a target file has, it is refused, or programs for it are sound and have a time.
struct ExtremeTargetTests {
  private static let text = (try? TargetVariant.text()) ?? ""
  /// The numbers of the file, by their place among all.
  private static let numbers = text.ranges(of: /\b[0-9]+(\.[0-9]+)?(?=[,\] \n])/)
    .filter { !isComment($0) }

  @Test func numbersAreFound() { #expect(Self.numbers.count > 50) }

  @Test(.timeLimit(.minutes(2)), arguments: numbers.indices)
  func extremesAreRefusedOrLowered(number: Int) throws {
    for value in ["0", "1", "4096", "1048576", "1099511627776", "1e-3"] {
      let text = Self.text.replacingCharacters(in: Self.numbers[number], with: value)
      try TargetVariant.withFile(text) { path in
        guard let target = try? Target(path).description else { return }
        try expectSoundProgram(target)
      }
    }
  }

  private func expectSoundProgram(_ target: TargetDescription) throws {
    let graph = try Self.graph()
    do {
      let program = try Program(lowering: graph, to: target)
      #expect(program.verify() == [])
      #expect(Timeline(of: program).latencyCycles > 0)
      let found = try graph.disagreements(on: target)
      #expect(found == [])
    } catch let diagnostic as Diagnostic {
      #expect(diagnostic.message.cause == .unsupported)
    }
  }

  private static func graph() throws -> Graph {
    let text = """
      graph g(%x: i8<0.5>[1, 5, 6, 9]) {
        %v = constant(random(1)) : i8<0.01>[9, 3, 2, 9]
        %w = constant(random(2)) : i8<0.01>[1, 3, 3, 9]
        %y = conv2d(%x, %v) {padding: "same"} : i8<0.5>[1, 5, 6, 9]
        %z = depthwise_conv2d(%y, %w) {padding: "same", stride: [2, 2]} : i8<0.5>[1, 3, 3, 9]
        %p = max_pool2d(%z) {kernel: [2, 2], stride: [1, 1]} : i8<0.5>[1, 2, 2, 9]
        %s = softmax(%p) : i8<0.00390625:-128>[1, 2, 2, 9]
        %a = add(%s, %p) : i8<0.5>[1, 2, 2, 9]
        %t = transpose(%a) {permutation: [0, 3, 1, 2]} : i8<0.5>[1, 9, 2, 2]
        return %t
      }
      """
    return try GraphParser(text, operators: Operators.all).graph
  }

  private static func isComment(_ place: Range<String.Index>) -> Bool {
    let line = text[..<place.lowerBound].split(separator: "\n", omittingEmptySubsequences: false)
    return line.last?.contains("#") == true
  }
}
