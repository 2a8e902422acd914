extension TargetDescription {
  /// The multiply-accumulate array.
  public struct Array: Codable, Hashable, Sendable {
    /// The piece of the result that the array works on at a time.
    public let microBlock: Block
    /// The pieces that the array can choose from for each kind of work; nil where there is only `microBlock`.
    public let microBlocks: MicroBlocks?
    /// The largest block of the result that the array can accumulate.
    public let maximumBlock: Block
    /// For a step: one kernel element and `inputDepth` channels, or what another mode covers.
    public let cyclesPerMicroBlock: Int
    /// For a step that covers several kernel elements; nil where it takes `cyclesPerMicroBlock`, too.
    public let kernelStepCycles: Int?
    /// The input channels of one step.
    public let inputDepth: Int
    /// An input block takes room for a multiple of so many channels; nil for those of `microBlock`.
    public let inputGranule: Int?
    /// The mode for inputs with few channels, such as images.
    public let kernelFirst: KernelFirst
    /// The kernel elements of one step of a depthwise convolution.
    public let depthwiseKernelElements: Int
    /// A step over `microBlock` takes at least as long as its weights take to be decoded; one over a deeper piece longer.
    public let weightDecodeCycles: Int
    /// Whether weights may be stored encoded, without loss, and are decoded on their way; nil for no.
    public let decodesWeights: Bool?
    /// Added to each step where a block is a single micro-block in height and width.
    public let bubbleCycles: Int
    /// The energy of a multiply-accumulate, with all that the NPU moves inside for it; nil where nobody gives a figure.
    public package(set) var picojoulesPerMac: Double?
    /// A larger kernel runs in parts, one after the other.
    public let maximumKernel: Kernel
    /// By the operator's name in the text form; what is not here, the engine cannot run.
    public let supports: [String: Support]
  }

  /// Pieces of the result, for each kind of work. Of several, the array takes the one that wastes least.
  public struct MicroBlocks: Codable, Hashable, Sendable {
    /// Of convolutions and matrix products.
    public let dense: [Block]
    /// Of depthwise convolutions.
    public let depthwise: [Block]
    /// Of pooling.
    public let pool: [Block]
  }

  /// The mode in which a step covers several kernel elements of few channels.
  public struct KernelFirst: Codable, Hashable, Sendable {
    /// The kernel elements of one step.
    public let kernelElements: Int
    /// The most input channels in an input block.
    public let inputDepth: Int
    /// The input channels of one step.
    public let stepDepth: Int
  }

  /// Extents of a block of an image.
  public struct Block: Codable, Hashable, Sendable {
    /// Rows.
    public let height: Int
    /// Columns.
    public let width: Int
    /// Channels.
    public let depth: Int

    /// Extents in elements; nothing is checked.
    public init(height: Int, width: Int, depth: Int) {
      self.height = height
      self.width = width
      self.depth = depth
    }

    /// Of 8-bit elements.
    public var byteCount: Int { height * width * depth }
  }

  /// Extents of a kernel, in elements.
  public struct Kernel: Codable, Hashable, Sendable {
    /// Rows, without those that dilation skips.
    public let height: Int
    /// Columns, without those that dilation skips.
    public let width: Int
  }
}
