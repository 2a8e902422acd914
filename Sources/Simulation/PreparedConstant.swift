import Foundation

/// Constants of a program in the form that inner loops compute with, made when they are first needed and kept for
/// later commands and runs.
///
/// Their memory may hold other bytes a moment later, of another layer that is staged at the same address; and a
/// command that does not wait for its constants must compute with whatever is there. So the form is kept with the
/// bytes that it was made of, and made anew whenever the memory holds others.
///
/// A class because commands share it.
package final class PreparedConstant<Form> {
  /// Where the constants are in a memory.
  private let bytes: UnsafeRawBufferPointer
  private let make: (UnsafeRawBufferPointer) -> Form
  /// What the form was made of; empty for bytes that nothing can change.
  private let source: UnsafeMutableRawBufferPointer
  private var form: Form?

  /// - Parameters:
  ///   - bytes: stay where they are for as long as this is used.
  ///   - mayChange: whether a command writes the memory in which they are.
  package init(
    _ bytes: UnsafeRawBufferPointer, mayChange: Bool,
    _ make: @escaping (UnsafeRawBufferPointer) -> Form
  ) {
    self.bytes = bytes
    self.make = make
    source = .allocate(byteCount: mayChange ? bytes.count : 0, alignment: 64)
  }

  deinit { source.deallocate() }

  /// The form of what the memory holds now.
  package var current: Form {
    if let form, isUpToDate { return form }
    let made = make(bytes)
    source.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes.prefix(source.count)))
    form = made
    return made
  }

  private var isUpToDate: Bool {
    guard let own = source.baseAddress, let others = bytes.baseAddress else { return true }
    return memcmp(own, others, source.count) == 0
  }
}
