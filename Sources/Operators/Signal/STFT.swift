import GraphIR
import Support
import Tensors

/// The short-time Fourier transform: that of frames of a signal, which begin `frameStep` apart, each multiplied by a window.
/// Elements are `f32`.
///
/// Operands: signals `[batch, length]`, with a last axis of 1 or 2 if there is one for real and imaginary part; a window
/// `[frameLength]`, which may be left out. The result is `[batch, frames, frequencies, 2]`.
public struct STFT: Operator {
  public static let name = "stft"
  /// How many numbers lie between the beginnings of frames; 1 or more.
  public var frameStep: Int
  /// How many numbers are in a frame.
  public var frameLength: Int
  /// Whether frequencies are only those up to half of the frame's length.
  public var isOneSided: Bool

  public init() { self.init(frameStep: 1, frameLength: 1) }

  /// - Parameters:
  ///   - frameStep: from 1 on.
  ///   - frameLength: not more than the signal's.
  ///   - isOneSided: leaves out frequencies that mirror others, where signals are real.
  public init(frameStep: Int, frameLength: Int, isOneSided: Bool = true) {
    self.frameStep = frameStep
    self.frameLength = frameLength
    self.isOneSided = isOneSided
  }

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...2, Self.name)
    let shape = operands[0].shape
    guard (2...3).contains(shape.rank), shape.rank == 2 || (1...2).contains(shape[2]),
      (1...min(shape[1], 1 << 24)).contains(frameLength), frameStep >= 1
    else { throw Diagnostic(.badFrames(frameLength, frameStep, shape)) }
    if operands.count > 1 { try ElementChecks.shape(operands, 1, [frameLength], Self.name) }
    let frequencies = isOneSided ? frameLength / 2 + 1 : frameLength
    guard let result = Shape(checking: [shape[0], frames(shape), frequencies, 2]) else {
      throw Diagnostic(.badFrames(frameLength, frameStep, shape))
    }
    return [TensorType(operands[0].element, result)]
  }

  private func frames(_ shape: Shape) -> Int { (shape[1] - frameLength) / frameStep + 1 }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.elements(operands, [[.f32, .f32]], Self.name)
  }

  /// Works on frames in parallel.
  public func kernel(for site: Site) throws -> Kernel {
    let shape = site.operands[0].shape
    let frames = frames(shape)
    let parts = shape.rank == 3 ? shape[2] : 1
    let transform = FourierTransform(length: frameLength, isInverse: false)
    let frequencies = site.results[0].shape[2]
    return Kernel { [self] operands, results, workers in
      let x = Shared(operands[0].pointer(to: Float.self))
      let window = Shared(operands.count > 1 ? operands[1].pointer(to: Float.self) : nil)
      let y = Shared(results[0].pointer(to: Float.self))
      workers.split(shape[0] * frames) { part in
        for frame in part {
          let begin = frame / frames * shape[1] + frame % frames * frameStep
          let found = transform(windowed(x.pointer + begin * parts, parts, window.pointer))
          for index in 0..<frequencies {
            y.pointer[(frame * frequencies + index) * 2] = Float(found[index].x)
            y.pointer[(frame * frequencies + index) * 2 + 1] = Float(found[index].y)
          }
        }
      }
    }
  }

  /// A frame, multiplied by the window.
  private func windowed(
    _ x: UnsafePointer<Float>, _ parts: Int, _ window: UnsafePointer<Float>?
  ) -> [FourierTransform.Complex] {
    (0..<frameLength).map { place in
      let weight = window.map { Double($0[place]) } ?? 1
      let imaginary = parts == 2 ? Double(x[place * 2 + 1]) : 0
      return weight * .init(Double(x[place * parts]), imaginary)
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    let shape = operands[0].shape
    return FourierTransform.work(
      length: frameLength, rows: Work.product(shape[0], frames(shape)))
  }

  public static let examples = [
    Example(
      STFT(frameStep: 2, frameLength: 2),
      [
        Tensor(TensorType(.f32, [1, 5, 1]), numbers: [1, 2, 3, 4, 5]),
        Tensor(TensorType(.f32, [2]), numbers: [1, 0.5]),
      ],
      gives: [Tensor(TensorType(.f32, [1, 2, 2, 2]), numbers: [2, 0, 0, 0, 5, 0, 1, 0])]),
    Example(
      STFT(frameStep: 1, frameLength: 3, isOneSided: false),
      [Tensor(TensorType(.f32, [1, 3]), numbers: [1, 2, 4])],
      gives: [
        Tensor(
          TensorType(.f32, [1, 1, 3, 2]),
          numbers: [7, 0, -2, 1.732050808, -2, -1.732050808])
      ]),
  ]
}

extension Diagnostic.Message {
  fileprivate static func badFrames(_ length: Int, _ step: Int, _ shape: Shape) -> Self {
    Self(
      id: "bad-frames", .malformed,
      "`stft` cannot cut frames of length \(length) in steps of \(step) from \(shape)")
  }
}
