/// An NPU and the system around it, as `Targets/NAME/target.yaml` describes it.
///
/// Units are in the names; cycles are of the NPU's clock. The file gives the source of each figure.
public struct TargetDescription: Codable, Hashable, Sendable {
  public let name: String
  public let summary: String
  public let clockMHz: Double
  public let memories: [Memory]
  public let buffer: Buffer
  public let array: Array
  public let output: OutputStage
  public let copies: Copies
  public let host: Host

  /// A memory behind a port whose bandwidth all that use it at one time share.
  public struct Memory: Codable, Hashable, Sendable {
    public let name: String
    public let bytes: Int
    public let bytesPerCycle: Double
    /// Each run of consecutive bytes costs a multiple of it.
    public let burstBytes: Int
    public let readLatencyCycles: Int
    public let writeLatencyCycles: Int
    public let holds: [Role]
  }

  /// What a memory is for.
  public enum Role: String, Codable, Hashable, Sendable {
    case activations, constants
    /// Constants on their way from where they are kept to where they are used often.
    case stagedConstants
  }

  /// The memory inside the NPU for input blocks and accumulators, in banks; both are kept twice.
  public struct Buffer: Codable, Hashable, Sendable {
    public let name: String
    public let bankBytes: Int
    public let banks: Int
    public let reservedBanks: Int
    public let inputGranuleBanks: Int
    public let accumulatorGranuleBanks: Int
  }

  /// Extents of a block of an image.
  public struct Block: Codable, Hashable, Sendable {
    public let height: Int
    public let width: Int
    public let depth: Int

    public init(height: Int, width: Int, depth: Int) {
      self.height = height
      self.width = width
      self.depth = depth
    }

    /// Of 8-bit elements.
    public var byteCount: Int { height * width * depth }
  }

  /// The multiply-accumulate array.
  public struct Array: Codable, Hashable, Sendable {
    /// The piece of the result that the array works on at a time.
    public let microBlock: Block
    public let maximumBlock: Block
    public let cyclesPerMicroBlock: Int
    /// The input channels of one step.
    public let inputDepth: Int
    public let kernelFirst: KernelFirst
    public let depthwiseKernelElements: Int
    /// A step takes at least as long as its weights take to be decoded.
    public let weightDecodeCycles: Int
    public let bubbleCycles: Int
    public let maximumKernel: Kernel
    public let supports: [String: Support]
  }

  /// The mode in which a step covers several kernel elements of few channels.
  public struct KernelFirst: Codable, Hashable, Sendable {
    public let kernelElements: Int
    /// The most input channels in an input block.
    public let inputDepth: Int
    /// The input channels of one step.
    public let stepDepth: Int
  }

  public struct Kernel: Codable, Hashable, Sendable {
    public let height: Int
    public let width: Int
  }

  /// The stage behind the array, which rescales, adds, pools and writes.
  public struct OutputStage: Codable, Hashable, Sendable {
    public let cyclesPerElement: ElementCycles
    public let cyclesPerActivation: Double
    public let minimumPoolCycles: Int
    public let supports: [String: Support]
    public let softmax: SoftmaxCost
  }

  public struct ElementCycles: Codable, Hashable, Sendable {
    public let `default`: Double
    public let add: Double
    public let maximum: Double
  }

  /// A softmax as a number of element-wise operations.
  public struct SoftmaxCost: Codable, Hashable, Sendable {
    public let elementOperations: Int
    public let rowOperations: Int
    public let cyclesPerOperation: Int
  }

  /// The engines that move data.
  public struct Copies: Codable, Hashable, Sendable {
    public let reader: String
    public let mover: String
  }

  /// The processor that runs what the NPU cannot.
  public struct Host: Codable, Hashable, Sendable {
    public let name: String
    public let macsPerCycle: Double
    public let elementsPerCycle: Double
    public let callCycles: Int
  }

  /// Which uses of an operator an engine can run.
  public struct Support: Codable, Hashable, Sendable {
    /// Element types of the first operand.
    public let elements: [String]
    public let kernel: Limit?
    public let stride: Limit?
    public let dilation: Limit?
    /// The most output channels per input channel of a depthwise convolution.
    public let maximumDepthMultiplier: Int?
  }

  /// The largest height and width.
  public struct Limit: Codable, Hashable, Sendable {
    public let maximum: [Int]
  }
}

extension TargetDescription {
  /// The memory that has a role; `lint` makes sure there is one for each that lowering needs.
  public func memory(holding role: Role) -> Int? {
    memories.firstIndex { $0.holds.contains(role) }
  }

  /// The bytes of the buffer that blocks may use.
  public var usableBufferBytes: Int { (buffer.banks - buffer.reservedBanks) * buffer.bankBytes }

  /// Multiply-accumulates per cycle when nothing is idle.
  public var peakMacsPerCycle: Double {
    let block = array.microBlock
    return Double(block.height * block.width * block.depth * array.inputDepth)
      / Double(array.cyclesPerMicroBlock)
  }
}
