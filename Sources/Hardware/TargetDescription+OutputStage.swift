extension TargetDescription {
  /// The stage behind the array, which rescales, adds, pools and writes.
  public struct OutputStage: Codable, Hashable, Sendable {
    /// The rates of its functions.
    public let cyclesPerElement: ElementCycles
    /// For each element that a fused activation clamps; the slower of this and `default` holds.
    public let cyclesPerActivation: Double
    /// A micro-block of a pool takes time for each element of its window, and at least for so many.
    public let minimumPoolCycles: Int
    /// For each of these elements; nil for one cycle.
    public let cyclesPerWindowElement: Int?
    /// By the operator's name in the text form; what is not here, the engine cannot run.
    public let supports: [String: Support]
    /// Its softmax is a sequence of element-wise operations.
    public let softmax: SoftmaxCost
  }

  /// Cycles for each element of the result.
  public struct ElementCycles: Codable, Hashable, Sendable {
    /// Of rescaling and mean pooling.
    public let `default`: Double
    /// Of additions, and of the operations that make up a softmax.
    public let add: Double
    /// Of max pooling.
    public let maximum: Double
  }

  /// A softmax as a number of element-wise operations.
  public struct SoftmaxCost: Codable, Hashable, Sendable {
    /// Operations on every element.
    public let elementOperations: Int
    /// Operations on one number for each row, such as those that find the reciprocal of its sum.
    public let rowOperations: Int
    /// What each operation costs besides its elements: the way through the pipeline.
    public let cyclesPerOperation: Int
  }
}
