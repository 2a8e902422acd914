/// An NPU and the system around it, as `Targets/NAME/target.yaml` describes it.
///
/// Units are in the names; cycles are of the NPU's clock. The file gives the source of each figure.
public struct TargetDescription: Codable, Hashable, Sendable {
  /// By which reports name the target; its folder in `Targets/` is called so too.
  public let name: String
  /// One line for lists of targets.
  public let summary: String
  /// The NPU's clock: it turns cycles into time.
  public let clockMHz: Double
  /// Where the figures for energy come from, in a few words for reports; nil where that is not said.
  public let energySource: String?
  /// Those outside the NPU; their order is that of their indices everywhere.
  public package(set) var memories: [Memory]
  /// The NPU's own memory.
  public let buffer: Buffer
  /// The engine of convolutions and matrix products.
  public package(set) var array: Array
  /// The engine of everything else that the NPU does.
  public let output: OutputStage
  /// The names of the engines that move data.
  public let copies: Copies
  /// How long the NPU's own commands are; nil where nobody knows.
  public let commands: Commands?
  /// What runs the operators that neither engine supports.
  public let host: Host

  /// A memory behind a port whose bandwidth all that use it at one time share.
  public struct Memory: Codable, Hashable, Sendable {
    /// By which variants of a target name what lies behind it; nil where the file has no need of it.
    public let port: String?
    /// By which reports name it; no two memories of a target share one.
    public let name: String
    /// Its size; addresses begin at 0.
    public private(set) var bytes: Int
    /// What the port transfers in both directions together, in cycles of the NPU.
    public let bytesPerCycle: Double
    /// Each run of consecutive bytes costs a multiple of it.
    public let burstBytes: Int
    /// From the end of a read until the data can be used, where nothing fetches them ahead.
    public let readLatencyCycles: Int
    /// From the end of a write until the data can be read.
    public let writeLatencyCycles: Int
    /// What any one engine may have asked it for and not got yet; nil where the port alone limits reads.
    public let readBytesInFlight: Int?
    /// What any one engine may have sent and not been told to be written; nil where the port alone limits writes.
    public let writeBytesInFlight: Int?
    /// The energy of reading or writing a byte; nil where nobody gives a figure.
    public package(set) var picojoulesPerByte: Double?
    /// What lowering puts here; of several memories with a role the first is used.
    public let holds: [Role]

    /// The same memory with another size.
    func resized(to bytes: Int) -> Memory {
      var copy = self
      copy.bytes = bytes
      return copy
    }
  }

  /// What a memory is for.
  public enum Role: String, Codable, Hashable, Sendable {
    /// Inputs and computed values; weights, biases and tables.
    case activations, constants
    /// Constants on their way from where they are kept to where they are used often.
    case stagedConstants
    /// Inputs, outputs, and values that the memory for activations has no room for.
    case spilledActivations
    /// Values that only the host touches, where the memory for activations has no room for them.
    case hostValues
  }

  /// The memory inside the NPU for input blocks and accumulators, in banks; both are kept twice.
  public struct Buffer: Codable, Hashable, Sendable {
    /// By which reports name it.
    public let name: String
    /// The size of a bank.
    public let bankBytes: Int
    /// All that there are, the reserved ones among them.
    public let banks: Int
    /// Banks that blocks cannot use.
    public let reservedBanks: Int
    /// Input blocks take a multiple of so many banks.
    public let inputGranuleBanks: Int
    /// Accumulators, of 32 bits each, take a multiple of so many banks.
    public let accumulatorGranuleBanks: Int
    /// The most banks that input blocks may take; nil where only accumulators limit them.
    public let inputBanks: Int?
    /// The most banks that accumulators may take; nil where only input blocks limit them.
    public let accumulatorBanks: Int?
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

  /// Extents of a kernel, in elements.
  public struct Kernel: Codable, Hashable, Sendable {
    /// Rows, without those that dilation skips.
    public let height: Int
    /// Columns, without those that dilation skips.
    public let width: Int
  }

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

  /// The engines that move data.
  public struct Copies: Codable, Hashable, Sendable {
    /// Fills the buffer with input blocks.
    public let reader: String
    /// Copies between memories.
    public let mover: String
    /// Nil where nothing but the ports limits transfers.
    public let bytesInFlight: BytesInFlight?
  }

  /// The bytes that an engine may have asked a memory for and not got yet.
  ///
  /// They limit what it reads from a memory to `bytes / readLatencyCycles` in a cycle, whatever the port could do.
  public struct BytesInFlight: Codable, Hashable, Sendable {
    /// Of copies between memories.
    public let mover: Int
    /// Of input blocks.
    public let reader: Int
    /// Of weights that the array reads.
    public let array: Int
    /// Of factors and biases that the output stage reads; nil where nothing but the ports limits them.
    public let parameters: Int?
  }

  /// The bytes of the NPU's own commands, which it reads from the memory for constants while it works.
  public struct Commands: Codable, Hashable, Sendable {
    /// Of a layer, however many blocks it has: extents, addresses, scales and the like.
    public let operationBytes: Int
    /// Of a copy between memories.
    public let copyBytes: Int
  }

  /// The processor that runs what the NPU cannot.
  public struct Host: Codable, Hashable, Sendable {
    /// By which target sheets name it.
    public let name: String
    /// Multiply-accumulates in a cycle of the NPU's clock, not of its own.
    public let macsPerCycle: Double
    /// Other operations on elements in a cycle of the NPU's clock.
    public let elementsPerCycle: Double
    /// For every call, however small: interrupt, caches, return.
    public let callCycles: Int
    /// Its own memory, for values that only the host touches, where the memory for activations has no room for them;
    /// nil if it has none.
    public let memory: Memory?
  }

  /// The target with the host's own memory among the memories; nil if it has none.
  public var withHostMemory: TargetDescription? {
    guard let memory = host.memory else { return nil }
    var copy = self
    copy.memories.append(memory)
    return copy
  }

  /// Which uses of an operator an engine can run.
  public struct Support: Codable, Hashable, Sendable {
    /// Element types of the first operand.
    public let elements: [String]
    /// Nil for any, or for an operator without a window; so for the others.
    public let kernel: Limit?
    /// Of the window's steps.
    public let stride: Limit?
    /// Of the distance between the window's elements.
    public let dilation: Limit?
    /// The most output channels per input channel of a depthwise convolution.
    public let maximumDepthMultiplier: Int?
  }

  /// The largest height and width.
  public struct Limit: Codable, Hashable, Sendable {
    /// Height and width, both 1 or more.
    public let maximum: [Int]
  }
}

extension TargetDescription {
  /// The memory that has a role; `lint` makes sure there is one for each that lowering needs.
  ///
  /// - Returns: its index in `memories`; nil if none has the role, as may be with `stagedConstants`.
  public func memory(holding role: Role) -> Int? {
    memories.firstIndex { $0.holds.contains(role) }
  }

  /// The target with another size of the memory for activations.
  public func withActivationMemory(of bytes: Int) -> TargetDescription {
    var copy = self
    if let index = memory(holding: .activations) {
      copy.memories[index] = memories[index].resized(to: bytes)
    }
    return copy
  }

  /// The bytes of the buffer that blocks may use.
  public var usableBufferBytes: Int { (buffer.banks - buffer.reservedBanks) * buffer.bankBytes }
}
