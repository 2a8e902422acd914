import GraphIR
import Hardware
import Tensors

/// What a target is to do for one graph: commands for its engines, with addresses, tiles and dependencies.
public struct Program: Sendable {
  public let target: TargetDescription
  public let name: String
  /// The memories of the target, and last the buffer inside the NPU.
  public package(set) var memories: [Memory]
  /// What the constants' memory holds from address 0 on; empty in a program that is made to be timed.
  public let image: [UInt8]
  /// The bytes of the image, whether it is there or not.
  public let imageByteCount: Int
  /// The code books of weights that are stored encoded, one for each layer with such. They come with the commands,
  /// not through a memory.
  public let codes: [[UInt8]]
  public let layers: [Layer]
  /// In an order in which they could run one after the other.
  public package(set) var commands: [Command]
  public let inputs: [Binding]
  public package(set) var outputs: [Binding]
  /// Every computed value that exists in a memory, with the layer after which it is complete.
  public let values: [Binding]
  /// What lies where and for how long, in memories whose bytes are used again.
  public let allocations: [Allocation]

  /// What a program is made for.
  public enum Purpose: Sendable {
    /// To be run, timed and stored.
    case execution
    /// To be timed: constants are encoded, which tells their sizes, and not kept.
    case timing
  }

  /// A memory of the target, as far as the program uses it.
  public struct Memory: Hashable, Sendable {
    public let name: String
    public let byteCount: Int
    /// The end of the highest byte that the program uses.
    public package(set) var usedBytes: Int
    /// The most bytes that are in use at one time: no plan can use less.
    public let lowerBound: Int
  }

  /// The commands that do the work of a node of the graph, or of several that were merged into it.
  public struct Layer: Sendable {
    /// The name of the layer's result.
    public let name: String
    /// The operator's name, as in the text form.
    public let kind: String
    public let sources: [SourceOperator]
    public let engine: Engine
    /// Why the layer runs on the host; nil if it does not.
    public let hostReason: String?
    public let work: Work
    /// How the layer is cut into blocks; nil on the host.
    public let tiling: Tiling?
  }

  /// A value of the graph in memory.
  public struct Binding: Sendable {
    public let name: String
    /// The tensor's index in the model file.
    public let index: Int?
    public let type: TensorType
    public package(set) var span: Span
    /// The layer after whose last command the value is complete; nil for an input.
    public let layer: Int?
  }

  /// Bytes of a memory that are kept for something while some layers run.
  public struct Allocation: Hashable, Sendable {
    /// The value's name; of constants the name of their layer's result.
    public let name: String
    public let kind: Kind
    public let span: Span
    /// The first and the last layer during which the bytes must stay.
    public let layers: ClosedRange<Int>

    public enum Kind: String, Hashable, Sendable {
      /// A value of the graph: an input, a state, or a result.
      case value
      /// Weights and parameters on their way from a slower memory.
      case stagedConstants
    }
  }

  /// Operators of the source model that need no command: their results are read by nobody.
  public let eliminated: [SourceOperator]
  /// Whether data of constants are missing, as the graph had none or the image is not there: the program can be timed,
  /// not run.
  public let hasElidedConstants: Bool
}

/// The parts of a target that work at the same time, each on one command after the other.
public enum Engine: Int, CaseIterable, Sendable {
  /// Copies between memories.
  case mover
  /// Fills the buffer with input blocks.
  case reader
  /// Multiplies and accumulates.
  case array
  /// Rescales, adds, pools and writes results.
  case output
  /// The processor beside the NPU.
  case host
}

/// Consecutive bytes of a memory.
public struct Span: Hashable, Sendable {
  @SixBytes public private(set) var address: Int
  /// The index of the memory in the program. It fills the gap behind the address.
  @TwoBytes public private(set) var memory: Int
  @SixBytes public private(set) var byteCount: Int

  public init(memory: Int, address: Int, byteCount: Int) {
    self.memory = memory
    self.address = address
    self.byteCount = byteCount
  }

  public var range: Range<Int> { address..<address + byteCount }

  /// The bytes from `offset` on.
  public func part(at offset: Int, _ byteCount: Int) -> Span {
    Span(memory: memory, address: address + offset, byteCount: byteCount)
  }
}

/// A box of 8-bit elements within an image in memory: rows and pixels lie apart, channels side by side.
public struct Tile: Hashable, Sendable {
  @SixBytes public package(set) var address: Int
  @TwoBytes public private(set) var memory: Int
  @FourBytes public private(set) var height: Int
  @FourBytes public private(set) var width: Int
  @SixBytes public private(set) var channels: Int
  /// The distance between rows, and between pixels of a row, in bytes.
  @SixBytes public private(set) var rowStride: Int
  @SixBytes public private(set) var pixelStride: Int

  package init(
    memory: Int, address: Int, height: Int, width: Int, channels: Int, rowStride: Int,
    pixelStride: Int
  ) {
    self.memory = memory
    self.address = address
    self.height = height
    self.width = width
    self.channels = channels
    self.rowStride = rowStride
    self.pixelStride = pixelStride
  }

  public var byteCount: Int { height * width * channels }

  /// From the first to the last byte, with what lies between rows and pixels.
  public var hull: Range<Int> {
    guard byteCount > 0 else { return address..<address }
    return address..<address + (height - 1) * rowStride + (width - 1) * pixelStride + channels
  }

  /// The runs of consecutive bytes: their number and length.
  public var runs: (count: Int, byteCount: Int) {
    if pixelStride != channels { return (height * width, channels) }
    return rowStride == width * channels ? (1, byteCount) : (height, width * channels)
  }
}

/// How a layer is cut into blocks of its result.
public struct Tiling: Hashable, Sendable {
  public let block: TargetDescription.Block
  /// Nil where the array takes no part.
  public let mode: ArrayMode?
  /// The input channels of one block of input.
  public let inputDepth: Int
  /// Blocks of the result, over the whole batch.
  public let blockCount: Int
  /// Whether constants are copied into a faster memory first.
  public let stagesConstants: Bool
}
