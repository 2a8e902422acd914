import GraphIR
import Support
import Synchronization
import Tensors

/// The bytes of a value of one sample, in memory that goes back to others when nobody reads them any more.
///
/// A class because it owns memory.
final class ValueMemory: @unchecked Sendable {
  /// Aligned as kernels ask for it.
  let bytes: UnsafeRawBufferPointer
  private let block: Block
  private let pool: Pool

  /// Bytes that one value at a time has for itself.
  fileprivate struct Block: @unchecked Sendable {
    let bytes: UnsafeMutableRawBufferPointer
  }

  /// Memory that is free. Values of one size follow each other from sample to sample, and pages that are new cost time.
  final class Pool: Sendable {
    private let free = Mutex([Block]())

    deinit { free.withLock { $0.forEach { $0.bytes.deallocate() } } }

    fileprivate func take(_ byteCount: Int) -> Block {
      free.withLock { free in
        let fitting = free.indices.filter { free[$0].bytes.count >= byteCount }
        if let place = fitting.min(by: { free[$0].bytes.count < free[$1].bytes.count }) {
          return free.remove(at: place)
        }
        // None will do for what comes next either.
        free.forEach { $0.bytes.deallocate() }
        free = []
        return Block(
          bytes: .allocate(byteCount: byteCount, alignment: PreparedGraph.alignment))
      }
    }

    fileprivate func give(_ block: Block) { free.withLock { $0.append(block) } }
  }

  /// - Parameter fill: writes all bytes.
  init(
    _ byteCount: Int, from pool: Pool, _ fill: (UnsafeMutableRawBufferPointer) throws -> Void
  ) rethrows {
    self.pool = pool
    block = pool.take(max(1, byteCount))
    let own = UnsafeMutableRawBufferPointer(rebasing: block.bytes[..<byteCount])
    bytes = UnsafeRawBufferPointer(own)
    try fill(own)
  }

  convenience init(_ data: TensorData, from pool: Pool) {
    self.init(data.byteCount, from: pool) { $0.copyMemory(from: data.bytes) }
  }

  deinit { pool.give(block) }
}
