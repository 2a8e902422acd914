import CKernels
import GraphIR
import Support
import Tensors

// The kernels compute with signed bytes. An unsigned byte is the signed one with its highest bit flipped, and a zero
// point that is less by 128: the real numbers are the same, so unsigned operators run on the signed kernels.

extension TensorType {
  /// The type with `u8` elements seen as `i8`; any other type is itself.
  ///
  /// The zero point is less by 128: elements with flipped highest bits stand for the same numbers.
  public var signed: TensorType {
    guard element == .u8 else { return self }
    let moved = quantization.map {
      Quantization(axis: $0.axis, scales: $0.scales, zeroPoints: $0.zeroPoints.map { $0 - 128 })
    }
    return TensorType(.i8, shape, moved)
  }
}

extension Site {
  /// Whether an operand or a result has `u8` elements.
  var hasUnsigned: Bool { (operands + results).contains { $0.element == .u8 } }

  /// The site with `u8` elements seen as `i8`.
  var signed: Site {
    guard hasUnsigned else { return self }
    return Site(
      operands: operands.map(\.signed),
      constants: zip(operands, constants).map { type, data in
        type.element == .u8 ? data.map(SignFlip.flipped) : data
      }, results: results.map(\.signed))
  }
}

extension Kernel {
  /// For a site with `u8` elements, made from a kernel for its signed form.
  func unsigned(_ site: Site) -> Kernel {
    guard site.hasUnsigned else { return self }
    let results = site.results
    let signed = flippingOperands(site, from: 0)
    return Kernel { operands, outputs, workers in
      try signed.run(operands, outputs, workers)
      for (type, output) in zip(results, outputs) where type.element == .u8 {
        SignFlip.flip(UnsafeRawBufferPointer(output), into: output)
      }
    }
  }

  /// For a site with `u8` elements, made from a kernel that has its signed form but for input, operand 0, and result.
  func withUnsignedWeights(_ site: Site) -> Kernel {
    site.hasUnsigned ? flippingOperands(site, from: 1) : self
  }

  /// The kernel with `u8` operands, from number `first` on, in their signed form.
  private func flippingOperands(_ site: Site, from first: Int) -> Kernel {
    let types = site.operands
    let constants = site.signed.constants
    return Kernel { operands, outputs, workers in
      // Constants were flipped once, with the site; other operands change with every run.
      let flipped = operands.indices.map { index in
        guard index >= first, types[index].element == .u8 else { return nil as TensorData? }
        return constants[index]
          ?? TensorData(byteCount: operands[index].count) {
            SignFlip.flip(operands[index], into: $0)
          }
      }
      try withExtendedLifetime(flipped) {
        try run(zip(flipped, operands).map { $0?.bytes ?? $1 }, outputs, workers)
      }
    }
  }
}

/// Turns unsigned bytes into signed ones and back.
public enum SignFlip {
  /// Flips the highest bit of each byte; both may be the same memory.
  ///
  /// - Precondition: `result` has as many bytes as `bytes`.
  public static func flip(
    _ bytes: UnsafeRawBufferPointer, into result: UnsafeMutableRawBufferPointer
  ) {
    guard !bytes.isEmpty else { return }
    ck_flip_sign_bits(
      bytes.pointer(to: UInt8.self), Int64(bytes.count), result.pointer(to: UInt8.self))
  }

  static func flipped(_ data: TensorData) -> TensorData {
    TensorData(byteCount: data.byteCount) { flip(data.bytes, into: $0) }
  }
}
