import GraphIR
import Support
import Tensors

/// A value some of whose numbers are beyond the largest one that a float has, so that infinity is stored for them.
public struct Overflow: Hashable, Sendable {
  /// The layer whose result it is; the input's name of an input.
  public let value: String
  /// The number that was seen farthest from zero.
  public let number: Float
  /// The scheme by which it is stored.
  public let scheme: QuantizationScheme
  /// What the format goes up to.
  public let largest: Float
}

extension QuantizedModel {
  /// The values between layers that do not fit into the floats that they are stored as, on the samples; in order.
  ///
  /// Floats with scales, such as `fp8`, fit on the samples, and saturate on other data.
  public var overflows: [Overflow] {
    forms.observed.keys.sorted().compactMap { value in
      guard let scheme = forms.schemes[value], let largest = scheme.format.largest,
        let range = ranges[forms.groups[value] ?? value]
      else { return nil }
      let number = -range.lowerBound > range.upperBound ? range.lowerBound : range.upperBound
      guard abs(number) > largest else { return nil }
      let layer = graph.producer(of: value) ?? graph.values[value].uses.first?.node
      return layer.flatMap { schemes[$0] }.map {
        Overflow(
          value: graph.values[value].name, number: number, scheme: $0, largest: largest)
      }
    }
  }
}

extension NumberFormat {
  /// - Throws: a `Diagnostic` if a weight is beyond the largest number of a float without scales.
  func check(_ numbers: [Float], weightsOf layer: String) throws {
    guard let largest, let number = numbers.first(where: { abs($0) > largest }) else { return }
    throw Diagnostic(
      .weightTooLarge(layer, number, largest),
      help: "leave the layer as it is with `--keep-float`, or store it with `--scheme-for` as "
        + "integers or as `bf16`, which has the exponents of single precision")
  }
}

extension Diagnostic.Message {
  fileprivate static func weightTooLarge(_ layer: String, _ number: Float, _ largest: Float) -> Self
  {
    Self(
      id: "weight-too-large", .unsupported,
      "a weight of the layer `\(layer)` is \(number), and the format that it is to be stored in "
        + "ends at \(largest)")
  }
}
