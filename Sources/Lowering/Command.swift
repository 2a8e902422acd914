import CKernels
import GraphIR
import Hardware
import Operators
import Tensors

/// One thing that one engine does.
public struct Command: Sendable {
  /// What it does, and with which bytes.
  public package(set) var action: Action
  /// The index of the layer that it is part of.
  @FourBytes public package(set) var layer: Int
  /// Commands that must be complete before it starts.
  public package(set) var dependencies: Dependencies
}

/// What a command does. The set is closed: the simulator handles every one.
public enum Action: Sendable {
  /// Copies consecutive bytes from one memory to another.
  case copy(from: Span, to: Span)
  /// Brings a block of input into the buffer.
  case load(Load)
  /// Multiplies a block of input with weights.
  case convolve(Convolve)
  /// Makes 8-bit results of accumulators.
  case rescale(Rescale)
  case pool(Pool)
  /// Large, and rarer than the others, as calls are.
  indirect case add(AddTiles)
  case softmax(SoftmaxRows)
  indirect case callHost(HostCall)

  /// The engine that does it.
  public var engine: Engine {
    switch self {
    case .copy: .mover
    case .load: .reader
    case .convolve: .array
    case .rescale, .pool, .add, .softmax: .output
    case .callHost: .host
    }
  }
}

/// Fills a dense block with a tile and its padding. The block holds signed bytes, as the engines compute with them.
public struct Load: Hashable, Sendable {
  /// The part of an image that lies inside of it; empty where a block lies in the padding alone.
  public package(set) var tile: Tile
  /// Whether the tile's bytes are unsigned.
  public let isUnsigned: Bool
  /// Rows above and below the tile, columns left and right of it, that are filled with `padding`.
  @FourBytes public private(set) var padTop: Int
  @FourBytes public private(set) var padLeft: Int
  @FourBytes public private(set) var padBottom: Int
  @FourBytes public private(set) var padRight: Int
  /// The zero point of the input's signed form.
  public let padding: Int8
  /// Dense `[padTop + tile.height + padBottom, padLeft + tile.width + padRight, tile.channels]`.
  public let block: Span
}

/// Adds the products of an input block and weights to accumulators.
public struct Convolve: Hashable, Sendable {
  /// Dense `[inputHeight, inputWidth, inputDepth]`, 8-bit.
  public let input: Span
  @FourBytes public private(set) var inputHeight: Int
  @FourBytes public private(set) var inputWidth: Int
  @FourBytes public private(set) var inputDepth: Int
  /// Of the input's signed form.
  public let inputZeroPoint: Int32
  /// Dense `[depth, kernel height, kernel width, inputDepth]`, depthwise `[kernel height, kernel width, depth]`.
  /// Encoded weights are of fewer bytes.
  public package(set) var weights: Span
  /// The index of the program's code book that decodes the weights; nil if they are stored as they are.
  public let code: Int32?
  /// Of the weights' signed form.
  public let weightZeroPoint: Int32
  public let window: TileWindow
  /// How the array steps through kernel and channels; it changes the cycles, not the sums.
  public let mode: ArrayMode
  /// Dense `[height, width, depth]`, 32-bit.
  public let accumulators: Span
  @FourBytes public private(set) var height: Int
  @FourBytes public private(set) var width: Int
  @FourBytes public private(set) var depth: Int
  /// Whether the accumulators start from zero.
  public let isFirst: Bool
}

/// Height and width of a kernel, and how it moves.
public struct TileWindow: Hashable, Sendable {
  @FourBytesEach public private(set) var kernel: Spatial
  @FourBytesEach public private(set) var stride: Spatial
  @FourBytesEach public private(set) var dilation: Spatial

  init(kernel: Spatial, stride: Spatial, dilation: Spatial) {
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
  }

  init(_ window: Window) {
    self.init(kernel: window.kernel, stride: window.stride, dilation: window.dilation)
  }

  /// Height and width of the input that the kernel covers.
  var span: Spatial {
    Spatial(
      height: (kernel.height - 1) * dilation.height + 1,
      width: (kernel.width - 1) * dilation.width + 1)
  }
}

/// Rescales accumulators to 8 bits and writes them.
public struct Rescale: Hashable, Sendable {
  /// Dense `[result.height, result.width, result.channels]`, 32-bit.
  public let accumulators: Span
  /// `ChannelParameters` of each output channel.
  public let parameters: Span
  public let rounding: Rounding
  /// Of the result's signed form, as are the bounds.
  public let zeroPoint: Int32
  public let clampLower: Int32
  public let clampUpper: Int32
  /// Whether the range is narrower than that of the element type.
  public let hasActivation: Bool
  public let result: Tile
  /// Whether the result's bytes are to be unsigned.
  public let isUnsigned: Bool

  /// How products with factors are rounded.
  public enum Rounding: String, Hashable, Sendable { case fixedPoint, real, single }
}

/// Pools windows of an input block.
public struct Pool: Hashable, Sendable {
  /// Dense `[inputHeight, inputWidth, channels]`, without padding.
  public let input: Span
  @FourBytes public private(set) var inputHeight: Int
  @FourBytes public private(set) var inputWidth: Int
  /// Rows and columns before the input that the first window covers.
  @FourBytesEach public private(set) var padBefore: Spatial
  public let window: TileWindow
  /// Whether the largest element counts, not the mean.
  public let isMaximum: Bool
  /// Bounds of the result's signed form.
  public let clampLower: Int32
  public let clampUpper: Int32
  public let result: Tile
  /// Whether operand and result are unsigned; means are then rounded as unsigned numbers.
  public let isUnsigned: Bool
}

/// Adds two dense blocks.
public struct AddTiles: Sendable {
  /// Dense, in the result's shape, as is the second.
  public let first: Span
  public let second: Span
  /// Scales, zero points and bounds, all of signed forms.
  public let form: ck_addition
  public let result: Tile
  /// Whether the result's bytes are to be unsigned.
  public let isUnsigned: Bool
}

/// Softmax over rows of a dense matrix.
public struct SoftmaxRows: Sendable {
  /// Dense `[rows, depth]`, 8-bit, as is the result.
  public let input: Span
  @FourBytes public private(set) var rows: Int
  @FourBytes public private(set) var depth: Int
  /// From steps of the input to the exponential's argument.
  public let scaling: Softmax.Scaling
  public let result: Span
  /// Whether operand and result are unsigned.
  public let isUnsigned: Bool
}

/// A node that the host computes.
public struct HostCall: Sendable {
  public let op: any Operator
  public let site: Site
  public let operands: [Span]
  public let results: [Span]
}

/// The commands that must be complete before one starts: of each engine the last, for the ones before it are then too.
public struct Dependencies: Hashable, Sendable {
  /// Of each engine, in the order of `Engine.allCases`; −1 where there is none.
  private var last: (Int32, Int32, Int32, Int32, Int32) = (-1, -1, -1, -1, -1)

  public init() {}

  /// Of each engine, in the order of `Engine.allCases`, the last command to wait for; −1 where there is none. Behind
  /// the last engine there is none either.
  package var lastCommands: SIMD8<Int32> {
    SIMD8(last.0, last.1, last.2, last.3, last.4, -1, -1, -1)
  }

  public static func == (a: Dependencies, b: Dependencies) -> Bool {
    a.lastCommands == b.lastCommands
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(lastCommands) }

  /// The same for one engine by its number.
  func lastCommand(on engine: Int) -> Int32 {
    withUnsafeBytes(of: last) {
      $0.load(fromByteOffset: engine * MemoryLayout<Int32>.stride, as: Int32.self)
    }
  }

  /// The index of the last command of an engine to wait for; nil if there is none.
  public subscript(engine: Engine) -> Int? {
    let command = lastCommand(on: engine.rawValue)
    return command < 0 ? nil : Int(command)
  }

  public mutating func insert(_ command: Int, on engine: Engine) {
    withUnsafeMutableBytes(of: &last) { numbers in
      let offset = engine.rawValue * MemoryLayout<Int32>.stride
      guard numbers.load(fromByteOffset: offset, as: Int32.self) < command else { return }
      numbers.storeBytes(of: Int32(command), toByteOffset: offset, as: Int32.self)
    }
  }

  public var all: [Int] { Engine.allCases.compactMap { self[$0] }.sorted() }
}
