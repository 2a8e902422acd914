import CKernels

/// What inner loops read in place of constants. A class because it owns the memory.
package protocol KernelForm: AnyObject {
  /// Stays where it is.
  var address: UnsafeRawPointer { get }
}

/// Constants of a program in the form that inner loops compute with, made when they are first needed and kept for
/// later commands and runs.
///
/// Their memory may hold other bytes a moment later, of another layer that is staged at the same address; and a
/// command that does not wait for its constants must compute with whatever is there. So the form is kept with the
/// bytes that it was made of, and made anew whenever the memory holds others.
///
/// A class because commands share it.
package final class PreparedConstant {
  /// Where the constants are in a memory.
  private let bytes: UnsafeRawBufferPointer
  private let make: (UnsafeRawBufferPointer) -> any KernelForm
  /// What the form was made of; empty for bytes that nothing can change.
  private let source: UnsafeMutableRawBufferPointer
  private var form: (any KernelForm)?
  /// What steps look at before they compute.
  let state: UnsafeMutablePointer<ck_constant>

  /// - Parameters:
  ///   - bytes: stay where they are for as long as this is used.
  ///   - mayChange: whether a command writes the memory in which they are.
  package init(
    _ bytes: UnsafeRawBufferPointer, mayChange: Bool,
    _ make: @escaping (UnsafeRawBufferPointer) -> any KernelForm
  ) {
    self.bytes = bytes
    self.make = make
    source = .allocate(byteCount: mayChange ? bytes.count : 0, alignment: 64)
    state = .allocate(capacity: 1)
    state.initialize(
      to: ck_constant(
        form: nil, bytes: bytes.bindMemory(to: UInt8.self).baseAddress,
        source: source.bindMemory(to: UInt8.self).baseAddress, byte_count: Int64(source.count)))
  }

  deinit {
    source.deallocate()
    state.deallocate()
  }

  /// Whether there is a form, made of what the memory holds now.
  package var isCurrent: Bool { ck_constant_is_current(state) != 0 }

  /// Makes the form of what the memory holds now.
  package func prepare() {
    let made = make(bytes)
    source.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes.prefix(source.count)))
    state.pointee.form = made.address
    form = made
  }
}
