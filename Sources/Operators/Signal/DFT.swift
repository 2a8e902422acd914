import GraphIR
import Support
import Tensors

/// The discrete Fourier transform along an axis, `y[k] = Σ x[n] · exp(−2πi · k · n / N)`, or its inverse, which has the
/// sign reversed and is divided by N. Elements are `f32`; the last axis holds real and imaginary part.
///
/// A real operand may leave the imaginary part out. An inverse of one side gives the real part alone.
public struct DFT: Operator {
  public static let name = "dft"
  /// The axis of the signal; a negative one counts from the back. It is not the last.
  public var axis: Int
  /// The length N: the signal is cut, or filled up with zeros. 0 stands for the signal's own.
  public var length: Int
  /// Whether signals are made of frequencies.
  public var isInverse: Bool
  /// Whether frequencies are only those up to half of the length: the others mirror them, where signals are real.
  public var isOneSided: Bool

  public init() { self.init(axis: -2) }

  /// - Parameters:
  ///   - axis: from −rank to rank − 2, but not −1.
  ///   - length: of the signal, not of one side.
  public init(axis: Int, length: Int = 0, isInverse: Bool = false, isOneSided: Bool = false) {
    self.axis = axis
    self.length = length
    self.isInverse = isInverse
    self.isOneSided = isOneSided
  }

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    let form = try form(operands[0].shape)
    var extents = operands[0].shape.extents
    extents[form.axis] = form.resultLength
    extents[extents.count - 1] = form.resultParts
    guard let shape = Shape(checking: extents) else {
      throw Diagnostic(.badSignal(operands[0].shape, length))
    }
    return [TensorType(operands[0].element, shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.elements(operands, [[.f32]], Self.name)
  }

  /// What a transform does to a signal of some shape.
  private struct Form {
    let axis: Int
    let length: Int
    let resultLength: Int
    let resultParts: Int
  }

  private func form(_ shape: Shape) throws -> Form {
    let axis = try ElementChecks.axis(axis, rank: shape.rank, Self.name)
    let giveSignal = isInverse && isOneSided
    let own = axis < shape.rank - 1 && giveSignal ? 2 * (shape[axis] - 1) : shape[axis]
    let length = length == 0 ? own : length
    guard axis < shape.rank - 1, (1...2).contains(shape[shape.rank - 1]),
      (1...1 << 24).contains(length)
    else { throw Diagnostic(.badSignal(shape, length)) }
    return Form(
      axis: axis, length: length,
      resultLength: isOneSided && !isInverse ? length / 2 + 1 : length,
      resultParts: giveSignal ? 1 : 2)
  }

  /// Works on rows in parallel.
  public func kernel(for site: Site) throws -> Kernel {
    let (from, to) = (site.operands[0].shape, site.results[0].shape)
    let form = try form(from)
    let transform = FourierTransform(length: form.length, isInverse: isInverse)
    let mirrors = isInverse && isOneSided
    let source = try SignalRows(from, form.axis, Self.name)
    let target = try SignalRows(to, form.axis, Self.name)
    let scale = isInverse ? 1 / Double(form.length) : 1
    return Kernel { operands, results, workers in
      let x = Shared(operands[0].pointer(to: Float.self))
      let y = Shared(results[0].pointer(to: Float.self))
      workers.split(source.starts.count) { part in
        for row in part {
          let signal = source.read(row, x.pointer, length: form.length, mirrors: mirrors)
          target.write(transform(signal), row, y.pointer, scale: scale)
        }
      }
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    guard let form = try? form(operands[0].shape) else { return Work() }
    let (parts, extent) = (operands[0].shape.extents.last ?? 1, operands[0].shape[form.axis])
    return FourierTransform.work(
      length: form.length, rows: operands[0].elementCount / (parts * extent))
  }

  public static let examples = [
    Example(
      DFT(axis: 1),
      [Tensor(TensorType(.f32, [1, 3, 1]), numbers: [1, 2, 4])],
      gives: [
        Tensor(
          TensorType(.f32, [1, 3, 2]),
          numbers: [7, 0, -2, 1.732050808, -2, -1.732050808])
      ]),
    Example(
      DFT(axis: 0, length: 4, isOneSided: true),
      [Tensor(TensorType(.f32, [3, 1]), numbers: [1, 2, 4])],
      gives: [Tensor(TensorType(.f32, [3, 2]), numbers: [7, 0, -3, -2, 3, 0])]),
    Example(
      DFT(axis: -2, isInverse: true),
      [Tensor(TensorType(.f32, [2, 2]), numbers: [3, 0, -1, 4])],
      gives: [Tensor(TensorType(.f32, [2, 2]), numbers: [1, 2, 2, -2])]),
    Example(
      DFT(axis: 0, isInverse: true, isOneSided: true),
      [Tensor(TensorType(.f32, [3, 2]), numbers: [7, 0, -3, -2, 3, 0])],
      gives: [Tensor(TensorType(.f32, [4, 1]), numbers: [1, 2, 4, 0])]),
  ]
}

/// Rows of complex numbers along an axis, of a tensor whose last axis holds one or two parts.
struct SignalRows: Sendable {
  /// Where rows begin, counted in complex numbers.
  let starts: [Int]
  private let stride: Int
  private let extent: Int
  private let parts: Int

  /// - Precondition: the axis is not the last.
  init(_ shape: Shape, _ axis: Int, _ kind: String) throws {
    let rows = try AxisRows(axis, of: Shape(Array(shape.extents.dropLast())), kind)
    var starts: [Int] = []
    rows.forEach { starts.append($0) }
    self.starts = starts
    stride = rows.stride
    extent = rows.length
    parts = shape[shape.rank - 1]
  }

  /// A row, cut or filled up with zeros.
  ///
  /// - Parameter mirrors: takes it for one side, whose conjugate is the other.
  func read(
    _ row: Int, _ x: UnsafePointer<Float>, length: Int, mirrors: Bool
  ) -> [FourierTransform.Complex] {
    var signal = [FourierTransform.Complex](repeating: .zero, count: length)
    for place in 0..<min(extent, mirrors ? length / 2 + 1 : length) {
      let element = x + (starts[row] + place * stride) * parts
      signal[place] = .init(Double(element[0]), parts == 2 ? Double(element[1]) : 0)
    }
    guard mirrors else { return signal }
    for place in length / 2 + 1..<max(length, length / 2 + 1) {
      signal[place] = .init(signal[length - place].x, -signal[length - place].y)
    }
    return signal
  }

  /// Writes as much of a row as the tensor has.
  func write(
    _ numbers: [FourierTransform.Complex], _ row: Int, _ y: UnsafeMutablePointer<Float>,
    scale: Double
  ) {
    for place in 0..<extent {
      let element = y + (starts[row] + place * stride) * parts
      element[0] = Float(numbers[place].x * scale)
      if parts == 2 { element[1] = Float(numbers[place].y * scale) }
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func badSignal(_ shape: Shape, _ length: Int) -> Self {
    Self(
      id: "bad-signal", .malformed,
      "`dft` cannot transform signals of length \(length) in \(shape)")
  }
}
