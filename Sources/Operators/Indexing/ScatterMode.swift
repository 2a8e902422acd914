import GraphIR
import Tensors

/// What becomes of an element when another is put at its place.
public enum ScatterMode: String, Hashable, Codable, Sendable {
  /// The new element takes the place.
  case replace
  /// The place holds their sum; integers wrap.
  case add
  /// The place holds their product; integers wrap.
  case multiply
  /// The larger stays.
  case maximum
  /// The smaller stays.
  case minimum

  /// Puts `count` elements of one tensor, from an index on, to those of another from an index on.
  typealias Code =
    @Sendable (
      _ source: UnsafeRawBufferPointer, _ from: Int, _ destination: UnsafeMutableRawBufferPointer,
      _ to: Int, _ count: Int
    ) -> Void

  /// Refuses element types without arithmetic, where there is some to do.
  func check(_ type: TensorType, _ kind: String) throws {
    try ElementChecks.wholeBytes(type, kind)
    if self != .replace { try ElementChecks.sameElements([type], [.f64, .f32, .i32, .i64], kind) }
  }

  /// - Precondition: `check` has accepted the type.
  func code(for element: ElementType) -> Code {
    guard self != .replace else { return move(elementBytes: element.bitWidth / 8) }
    if element == .f64 {
      return code { (a: Double, b) in
        a + b
      } _: { a, b in
        a * b
      }
    }
    if element == .f32 {
      return code { (a: Float, b) in
        a + b
      } _: { a, b in
        a * b
      }
    }
    if element == .i32 {
      return code { (a: Int32, b) in
        a &+ b
      } _: { a, b in
        a &* b
      }
    }
    return code { (a: Int64, b) in
      a &+ b
    } _: { a, b in
      a &* b
    }
  }

  private func move(elementBytes width: Int) -> Code {
    { source, from, destination, to, count in
      destination.copy(count * width, of: source, from: from * width, to: to * width)
    }
  }

  private func code<Number: Comparable & Sendable>(
    _ sum: @escaping @Sendable (Number, Number) -> Number,
    _ product: @escaping @Sendable (Number, Number) -> Number
  ) -> Code {
    switch self {
    case .replace: code { (_: Number, b) in b }
    case .add: code(sum)
    case .multiply: code(product)
    case .maximum: code { (a: Number, b) in b > a ? b : a }
    case .minimum: code { (a: Number, b) in b < a ? b : a }
    }
  }

  private func code<Number: Sendable>(
    _ combine: @escaping @Sendable (Number, Number) -> Number
  ) -> Code {
    { source, from, destination, to, count in
      let x = source.pointer(to: Number.self) + from
      let y = destination.pointer(to: Number.self) + to
      for index in 0..<count { y[index] = combine(y[index], x[index]) }
    }
  }
}
