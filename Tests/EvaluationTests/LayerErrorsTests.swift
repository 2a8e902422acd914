import Evaluation
import Foundation
import GraphIR
import Operators
import Support
import Tensors
import Testing

/// Layers of an integer network beside those of the float one.
struct LayerErrorsTests {
  private static let float = """
    graph main(%x: f32[1, 4]) {
      %a = add(%x, %x) : f32[1, 4]
      %b = add(%a, %a) : f32[1, 4]
      %c = add(%b, %b) : f32[1, 4]
      return %c
    }
    """
  /// Of each layer the step is coarser than the numbers.
  private static let integer = """
    graph main(%x: i8<1.0>[1, 4]) {
      %a = add(%x, %x) : i8<3.0>[1, 4]
      %b = add(%a, %a) : i8<5.0>[1, 4]
      %c = add(%b, %b) : i8<10.0>[1, 4]
      return %c
    }
    """

  /// For 1, 2, 3, 4 the float network has a = 2 4 6 8, b = 4 8 12 16 and c = 8 16 24 32.
  ///
  /// Rounded to steps of 3, 5 and 10, the integer one has 3 3 6 9, from these 5 5 10 20, and from these 10 10 20 40:
  /// the noise of c is 4 + 36 + 16 + 64. From the float b, which is 5 10 10 15 in steps of 5, c would be 10 20 20 30, with a
  /// noise of 4 + 16 + 16 + 4.
  @Test func errorsAreThoseOfTheRunAndOfTheLayerAlone() throws {
    let errors = try Self.errors(Self.integer, Self.float)
    #expect(errors.layers.count == 3 && errors.layerCount == 3)
    let run = errors.layers.map { $0.run.decibels ?? 0 }
    let own = errors.layers.map { $0.own.decibels ?? 0 }
    let ratios: [Double] = [120.0 / 3, 480.0 / 30, 1920.0 / 120]
    for (found, ratio) in zip(run, ratios) { #expect(abs(found - 10 * log10(ratio)) < 1e-9) }
    #expect(own[0] == run[0] && abs(own[2] - 10 * log10(1920.0 / 40)) < 1e-9)
    // Of b, 5 in place of 8: a ratio of 64 / 9.
    #expect(errors.layers[1].run.worstChannel?.index == 1)
  }

  @Test func cosineIsThatOfBothResults() throws {
    let errors = try Self.errors(Self.integer, Self.float)
    // 10·8 + 10·16 + 20·24 + 40·32 = 2000, |c| = √1920, and √2200 of what was found.
    let cosine = try #require(errors.layers[2].run.cosine)
    #expect(abs(cosine - 2000 / (1920.0 * 2200).squareRoot()) < 1e-12)
  }

  @Test func equalModelsHaveNoNoise() throws {
    let errors = try Self.errors(Self.float, Self.float)
    #expect(errors.layers.allSatisfy { $0.run.isExact && $0.own.isExact })
    #expect(errors.layers.allSatisfy { $0.run.decibels == nil && $0.run.cosine == 1 })
  }

  @Test(arguments: [2, 3, 8])
  func sumsDoNotDependOnTheNumberOfThreads(threads: Int) throws {
    let single = try Self.errors(Self.integer, Self.float, samples: 5)
    let several = try Self.errors(Self.integer, Self.float, samples: 5, threads: threads)
    #expect(several.layers.map(\.run) == single.layers.map(\.run))
    #expect(several.layers.map(\.own) == single.layers.map(\.own))
  }

  /// Where no name tells, operators of one kind and shape are taken in order if there are equally many.
  @Test func layersWithoutNamesAreFoundByTheirOrder() throws {
    let renamed = Self.integer.replacing("%a", with: "%one").replacing("%c", with: "%three")
    let errors = try Self.errors(renamed, Self.float)
    #expect(errors.layers.map(\.pair.tensor) == [nil, "b", nil])
    let shorter = """
      graph main(%x: f32[1, 4]) {
        %p = add(%x, %x) : f32[1, 4]
        return %p
      }
      """
    #expect(try Self.errors(Self.integer, shorter).layers.isEmpty)
  }

  /// What was quantized and dequantized goes by the name of what was computed.
  @Test func quantizedValuesGoByTheNameOfTheComputedOnes() throws {
    let quantized = """
      graph main(%x: f32[1, 4]) {
        %a = add(%x, %x) : f32[1, 4]
        %aq = quantize(%a) : i8<0.5>[1, 4]
        %ad = dequantize(%aq) : f32[1, 4]
        %other = neg(%ad) : f32[1, 4]
        return %other
      }
      """
    let plain = """
      graph main(%x: f32[1, 4]) {
        %a = add(%x, %x) : f32[1, 4]
        %y = neg(%a) : f32[1, 4]
        return %y
      }
      """
    let errors = try Self.errors(quantized, plain)
    #expect(errors.layerCount == 2)
    #expect(errors.layers.map(\.pair.tensor) == ["a", nil])
  }

  private static func errors(
    _ text: String, _ other: String, samples: Int = 1, threads: Int = 1
  ) throws -> LayerErrors {
    let graphs = try [text, other].map {
      try GraphParser($0 + "\n", operators: Operators.all).graph
    }
    let types = graphs.map { $0.values[$0.inputs[0]].type }
    let models = LayerModels(
      graphs[0], original: graphs[0], graphs[1], otherOriginal: graphs[1])
    return try LayerErrors(models, samples: samples, threads: threads) { sample in
      let numbers = (1...4).map { Double($0 + 3 * sample) }
      return ([Tensor(types[0], numbers: numbers)], [Tensor(types[1], numbers: numbers)])
    }
  }
}
