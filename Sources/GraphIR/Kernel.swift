import Support
import Tensors

/// One place in a graph where an operator stands: all that its kernel may depend on.
public struct Site: Sendable {
  /// The types of the operands, in the operator's order.
  public let operands: [TensorType]
  /// The bytes of operands that are constants, nil for the others.
  public let constants: [TensorData?]
  /// The types of the results, with their quantization.
  public let results: [TensorType]

  /// - Precondition: there are as many `constants` as `operands`.
  public init(operands: [TensorType], constants: [TensorData?], results: [TensorType]) {
    self.operands = operands
    self.constants = constants
    self.results = results
  }
}

/// Code that computes results from operands, prepared for one site: weights are packed, multipliers known.
public struct Kernel: Sendable {
  /// Reads operands and writes results, whose memories do not overlap and have the sizes of the site's
  /// types. It may share the work among `workers`; the results do not depend on their number.
  ///
  /// It throws a `Diagnostic` where the elements themselves ask for what cannot be, such as a loop without end.
  public let run:
    @Sendable (
      _ operands: [UnsafeRawBufferPointer], _ results: [UnsafeMutableRawBufferPointer],
      _ workers: Workers
    ) throws -> Void

  /// - Parameter run: keeps the promises of the property; it may be called from any thread.
  public init(
    _ run:
      @escaping @Sendable (
        [UnsafeRawBufferPointer], [UnsafeMutableRawBufferPointer], Workers
      ) throws -> Void
  ) { self.run = run }
}

extension Operator {
  /// The kernel for a site; one that does nothing where no result has elements.
  public func preparedKernel(for site: Site) throws -> Kernel {
    site.results.allSatisfy(\.shape.isEmpty) ? Kernel { _, _, _ in } : try kernel(for: site)
  }
}
