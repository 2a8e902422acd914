import CKernels

/// The lossless code that the weight streams of a layer share, made to be decoded by hardware.
///
/// A stream is what one block of output channels and one slice of input channels read; each is
/// decoded by itself. `dovetail_weights.h` describes the bits of both, the code and its streams.
public struct WeightCode: Sendable {
  private let storage: Storage

  /// The code that makes these streams shortest, with its own bytes, among those that are tried.
  ///
  /// Equal streams give equal codes. It can encode other streams too, if less well.
  public init(planning streams: [UnsafeRawBufferPointer]) {
    let streams = streams.map {
      ck_weight_stream(
        weights: $0.baseAddress?.assumingMemoryBound(to: Int8.self), count: Int64($0.count))
    }
    storage = Storage(ck_plan_weight_code(streams, Int64(streams.count)))
  }

  public init(planning streams: [[Int8]]) {
    self = Array(streams.joined()).withUnsafeBytes { weights in
      var start = 0
      return Self(
        planning: streams.map { stream in
          defer { start += stream.count }
          return UnsafeRawBufferPointer(rebasing: weights[start..<start + stream.count])
        })
    }
  }

  /// The code that `bytes` describe, or nil where they describe none.
  public init?(parsing bytes: [UInt8]) {
    guard let code = ck_parse_weight_code(bytes, Int64(bytes.count)) else { return nil }
    storage = Storage(code)
  }

  /// The code itself, which whoever decodes must know: from 1 to 136 bytes.
  public var bytes: [UInt8] {
    Array(unsafeUninitializedCapacity: ck_weight_code_limit) { book, count in
      count = Int(ck_write_weight_code(storage.code, book.baseAddress))
    }
  }

  /// A class so that the last copy frees the code, which nothing changes.
  private final class Storage: @unchecked Sendable {
    let code: OpaquePointer

    init(_ code: OpaquePointer) { self.code = code }
    deinit { ck_free_weight_code(code) }
  }
}

extension WeightCode {
  /// The stream of some weights, at most one byte longer than these.
  public func encode(_ weights: UnsafeRawBufferPointer) -> [UInt8] {
    Array(unsafeUninitializedCapacity: weights.count + 1) { stream, count in
      count = encode(weights, into: UnsafeMutableRawBufferPointer(stream))
    }
  }

  /// Writes the stream of some weights, and says how many bytes it has.
  ///
  /// - Parameter stream: has room for one byte more than there are weights.
  func encode(
    _ weights: UnsafeRawBufferPointer, into stream: UnsafeMutableRawBufferPointer
  ) -> Int {
    precondition(stream.count > weights.count, "a stream may be a byte longer than its weights")
    return Int(
      ck_encode_weights(
        storage.code, weights.baseAddress?.assumingMemoryBound(to: Int8.self),
        Int64(weights.count), stream.baseAddress?.assumingMemoryBound(to: UInt8.self)))
  }

  public func encode(_ weights: [Int8]) -> [UInt8] {
    weights.withUnsafeBytes { encode($0) }
  }

  /// Fills `weights` with what a stream of exactly these bytes holds.
  ///
  /// The bytes may be anything. Where they are no stream of so many weights, `WeightStreamError`
  /// says why, and some of the weights may have been written.
  public func decode(
    _ stream: UnsafeRawBufferPointer, into weights: UnsafeMutableRawBufferPointer
  ) throws(WeightStreamError) {
    let read = ck_decode_weights(
      storage.code, stream.baseAddress?.assumingMemoryBound(to: UInt8.self), Int64(stream.count),
      weights.baseAddress?.assumingMemoryBound(to: Int8.self), Int64(weights.count))
    if read == Int64(ck_weights_truncated.rawValue) { throw .truncated }
    if read < 0 { throw .malformed }
    if read < stream.count { throw .followedByOthers }
  }

  /// The `count` weights of a stream.
  public func decode(_ stream: [UInt8], count: Int) throws(WeightStreamError) -> [Int8] {
    var weights = [Int8](repeating: 0, count: count)
    let result = weights.withUnsafeMutableBytes { weights in
      stream.withUnsafeBytes { stream in
        Result { () throws(WeightStreamError) in try decode(stream, into: weights) }
      }
    }
    try result.get()
    return weights
  }
}

/// Why bytes are not the stream of so many weights.
public enum WeightStreamError: Error {
  /// They end before all weights are there.
  case truncated
  /// They have a code that there is not, or a run beyond the last weight.
  case malformed
  /// There are more bytes than the weights have.
  case followedByOthers
}
