import Foundation
import Support
import Testing

import Quantization

/// Roundings found by least squares, against computations by hand and by trying all.
struct LeastSquaresTests {
  /// By hand: in H = [4 2; 2 2] the first input has more energy, so 0.625 becomes 1 first; its error of −0.375 is made up for
  /// by −0.375 · 2 / 2 in the second, so that 0.25 becomes 0.
  @Test func laterWeightsMakeUpForEarlierOnes() throws {
    let problem = try #require(RoundingProblem([4, 2, 2, 2], width: 2))
    #expect(problem.order == [1, 0])
    var weights = Self.weights([0.625, 0.625], scale: 1)
    problem.roundInTurn(&weights, rows: 1, .one)
    #expect(weights.steps == [0, 1])
    #expect(abs(problem.cost(weights, row: 0, rows: 1) - 0.40625) < 1e-12)
  }

  @Test func matricesThatAreNotPositiveHaveNoProblem() {
    #expect(RoundingProblem([1, 2, 2, 1], width: 2) == nil)
    #expect(RoundingProblem([0, 0, 0, 0], width: 2) == nil)
    #expect(RoundingProblem([1, .nan, .nan, 1], width: 2) == nil)
    #expect(RoundingProblem([.infinity, 0, 0, 1], width: 2) == nil)
  }

  /// With 6 weights all 3⁶ roundings near a rounding can be tried.
  @Test(arguments: 0..<20)
  func noChangeOfOneOrTwoWeightsHelpsAfterDescent(seed: UInt64) throws {
    let (width, rows) = (6, 3)
    let problem = try #require(RoundingProblem(Self.matrix(width, seed: seed), width: width))
    let numbers = Numbers.normal(width * rows, seed: seed + 100).map { $0 * 3 }
    var nearest = Self.weights(numbers, scale: 0.7)
    nearest.steps = numbers.map { min(max(($0 / 0.7).rounded(), -7), 7) }
    var inTurn = nearest
    problem.roundInTurn(&inTurn, rows: rows, .one)
    var found = inTurn
    problem.descend(&found, rows: rows, Workers(count: 2))
    for row in 0..<rows {
      let cost = problem.cost(found, row: row, rows: rows)
      #expect(cost <= problem.cost(inTurn, row: row, rows: rows) * (1 + 1e-9))
      for first in 0..<width {
        for second in 0..<width {
          for (a, b) in [(1, 1), (1, -1), (-1, 1), (-1, -1), (1, 0), (-1, 0)] as [(Float, Float)] {
            var other = found
            other.steps[first * rows + row] += a
            if second != first { other.steps[second * rows + row] += b }
            guard other.steps.allSatisfy({ -7...7 ~= $0 }) else { continue }
            #expect(problem.cost(other, row: row, rows: rows) >= cost * (1 - 1e-6))
          }
        }
      }
    }
  }

  @Test func stepsStayWithinTheirBounds() throws {
    let width = 40
    let problem = try #require(RoundingProblem(Self.matrix(width, seed: 5), width: width))
    let numbers = Numbers.normal(width, seed: 6).map { $0 * 30 }
    var weights = Self.weights(numbers, scale: 1)
    problem.roundInTurn(&weights, rows: 1, .one)
    #expect(weights.steps.allSatisfy { -7...7 ~= $0 && $0 == $0.rounded() })
    problem.descend(&weights, rows: 1, .one)
    #expect(weights.steps.allSatisfy { -7...7 ~= $0 && $0 == $0.rounded() })
  }

  /// Sizes around those of the kernels' tiles and panels.
  @Test(arguments: [1, 2, 31, 32, 33, 64, 77], [1, 3, 32, 70])
  func resultsDoNotDependOnWorkers(width: Int, rows: Int) throws {
    let problem = try #require(RoundingProblem(Self.matrix(width, seed: 9), width: width))
    let start = Self.weights(
      Numbers.normal(width * rows, seed: 8).map { $0 * 3 }, scale: 0.5)
    var (alone, shared) = (start, start)
    problem.roundInTurn(&alone, rows: rows, .one)
    problem.roundInTurn(&shared, rows: rows, Workers(count: 3))
    #expect(alone.steps == shared.steps)
    problem.descend(&alone, rows: rows, .one)
    problem.descend(&shared, rows: rows, Workers(count: 3))
    #expect(alone.steps == shared.steps)
  }

  private static func weights(_ numbers: [Float], scale: Float) -> RoundingProblem.Weights {
    func all(_ number: Float) -> [Float] { numbers.map { _ in number } }
    return RoundingProblem.Weights(
      targets: numbers, scales: all(scale), lower: all(-7), upper: all(7), steps: all(0))
  }

  /// `Aᵀ · A` of random numbers, and a little more on the diagonal.
  private static func matrix(_ width: Int, seed: UInt64) -> [Float] {
    let a = Numbers.normal(2 * width * width, seed: seed)
    return (0..<width * width).map { index in
      let (row, column) = (index / width, index % width)
      return (0..<2 * width).reduce(row == column ? 0.01 : 0) {
        $0 + a[$1 * width + row] * a[$1 * width + column]
      }
    }
  }
}
