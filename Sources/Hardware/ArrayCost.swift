import Operators

/// How a step of the array covers kernel elements and input channels.
public enum ArrayMode: String, Hashable, Sendable {
  /// One kernel element, many channels.
  case depthFirst
  /// Several kernel elements, few channels.
  case kernelFirst
  /// Several kernel elements, each channel by itself.
  case depthwise
}

extension TargetDescription.Array {
  /// The input channels that one input block holds.
  ///
  /// - Parameter channels: of the whole input.
  public func inputDepth(_ mode: ArrayMode, channels: Int) -> Int {
    switch mode {
    case .depthFirst: min(channels, inputDepth)
    case .kernelFirst: min(channels, kernelFirst.inputDepth)
    case .depthwise: channels
    }
  }

  /// The pieces that the array can choose from; with a mode of nil, those of pooling.
  public func pieces(_ mode: ArrayMode?) -> [TargetDescription.Block] {
    let pieces =
      switch mode {
      case .depthFirst, .kernelFirst: microBlocks?.dense
      case .depthwise: microBlocks?.depthwise
      case nil: microBlocks?.pool
      }
    return pieces.flatMap { $0.isEmpty ? nil : $0 } ?? [microBlock]
  }

  /// The piece that computes the fewest elements outside of a block; the first of several such.
  public func piece(_ mode: ArrayMode?, for block: TargetDescription.Block)
    -> TargetDescription.Block
  {
    let pieces = pieces(mode)
    guard pieces.count > 1 else { return pieces.first ?? microBlock }
    var best = (position: 0, elements: Int.max)
    for (position, piece) in pieces.enumerated() {
      let elements = block.count(of: piece) * piece.byteCount
      if elements < best.elements { best = (position, elements) }
    }
    return pieces[best.position]
  }

  /// The cycles for a block of the result and one block of input channels.
  ///
  /// - Parameters: as those of `cost`.
  public func cycles(
    block: TargetDescription.Block, kernel: Spatial, channels: Int, _ mode: ArrayMode
  ) -> Int {
    cost(block: block, kernel: kernel, channels: channels, mode).cycles
  }

  /// What a block of the result and one block of input channels cost.
  ///
  /// Every step takes `cyclesPerMicroBlock` for each micro-block across height and width, and no less than its
  /// weights take to be decoded; steps go through micro-blocks in depth, kernel elements and input channels.
  /// A step that covers several kernel elements may take `kernelStepCycles` instead.
  ///
  /// - Parameters:
  ///   - block: of the result.
  ///   - kernel: height and width.
  ///   - channels: of the input block; with `depthwise`, those of the result.
  public func cost(
    block: TargetDescription.Block, kernel: Spatial, channels: Int, _ mode: ArrayMode
  ) -> BlockCost {
    let piece = microBlocks == nil ? microBlock : piece(mode, for: block)
    let across = dividedUp(block.height, piece.height) * dividedUp(block.width, piece.width)
    let deep = dividedUp(block.depth, piece.depth)
    let decodeCycles = weightDecodeCycles * piece.depth / microBlock.depth
    let pieceCycles = mode == .depthFirst ? nil : kernelStepCycles
    let productCycles = (pieceCycles ?? cyclesPerMicroBlock) * across
    let steps = stepCount(kernel, channels: channels, mode) * deep
    let waitCycles = max(0, decodeCycles - productCycles)
    // Steps that go over a single micro-block leave a gap behind them.
    return BlockCost(
      stepCycles: steps * (productCycles + waitCycles),
      gapCycles: across == 1 ? steps * bubbleCycles : 0,
      decodeCycles: steps * waitCycles)
  }

  /// The cycles of the array for a block, and what they are spent on.
  public struct BlockCost: Hashable, Sendable {
    /// Of all steps, without the gaps between them.
    public let stepCycles: Int
    /// Of the gaps that steps leave behind them.
    public let gapCycles: Int
    /// Of the steps' cycles, those for which the products wait for weights to be decoded.
    public let decodeCycles: Int

    /// Whether the weights of a step take longer to be decoded than to be multiplied.
    public var isDecoding: Bool { decodeCycles > 0 }

    /// From the first step to the next block's.
    public var cycles: Int { stepCycles + gapCycles }
  }

  /// The steps for a micro-block. A kernel that is too large runs in parts.
  private func stepCount(_ kernel: Spatial, channels: Int, _ mode: ArrayMode) -> Int {
    var steps = 0
    for row in stride(from: 0, to: kernel.height, by: maximumKernel.height) {
      for column in stride(from: 0, to: kernel.width, by: maximumKernel.width) {
        let height = min(maximumKernel.height, kernel.height - row)
        let width = min(maximumKernel.width, kernel.width - column)
        steps += self.steps(elements: height * width, channels: channels, mode)
      }
    }
    return steps
  }

  private func steps(elements: Int, channels: Int, _ mode: ArrayMode) -> Int {
    switch mode {
    case .depthFirst: elements * dividedUp(channels, inputDepth)
    case .kernelFirst:
      dividedUp(elements, kernelFirst.kernelElements) * dividedUp(channels, kernelFirst.stepDepth)
    case .depthwise: dividedUp(elements, depthwiseKernelElements)
    }
  }
}

extension TargetDescription {
  /// Multiply-accumulates per cycle when nothing is idle.
  ///
  /// `microBlock · inputDepth / cyclesPerMicroBlock`, by which utilization is measured.
  public var peakMacsPerCycle: Double {
    let block = array.microBlock
    return Double(block.height * block.width * block.depth * array.inputDepth)
      / Double(array.cyclesPerMicroBlock)
  }

  /// The cycles that the output stage takes to rescale a block.
  /// `elements · rate`, rounded up; an activation costs the slower of both rates.
  public func rescaleCycles(elements: Int, hasActivation: Bool) -> Int {
    let rate =
      hasActivation
      ? max(output.cyclesPerElement.default, output.cyclesPerActivation)
      : output.cyclesPerElement.default
    return Int((rate * Double(elements)).rounded(.up))
  }

  /// The cycles to add two blocks.
  /// `elements · rate`, rounded up; elements are those of the result.
  public func addCycles(elements: Int) -> Int {
    Int((output.cyclesPerElement.add * Double(elements)).rounded(.up))
  }

  /// The cycles to pool a block: window by window in the array, then through the output stage.
  ///
  /// Both work at the same time, so the slower one decides.
  public func poolCycles(block: Block, kernel: Spatial, isMaximum: Bool) -> Int {
    let windows = block.count(of: array.piece(nil, for: block))
    let windowCycles =
      max(output.minimumPoolCycles, kernel.product) * (output.cyclesPerWindowElement ?? 1)
    let rate = isMaximum ? output.cyclesPerElement.maximum : output.cyclesPerElement.default
    let elements = Double(block.height * block.width * block.depth)
    return max(
      windows * windowCycles,
      Int((rate * elements).rounded(.up)))
  }

  /// The cycles of a softmax over rows: a number of operations on elements, and of short ones on rows.
  ///
  /// `operations · cyclesPerOperation`, and the elements and rows at the rate of an addition.
  public func softmaxCycles(rows: Int, depth: Int) -> Int {
    let perElement = Double(output.softmax.elementOperations) * output.cyclesPerElement.add
    let perRow = Double(output.softmax.rowOperations) * output.cyclesPerElement.add
    let operations = output.softmax.elementOperations + output.softmax.rowOperations
    let streaming = (perElement * Double(depth) + perRow) * Double(rows)
    return operations * output.softmax.cyclesPerOperation + Int(streaming.rounded(.up))
  }

  /// The cycles of a call to the host.
  ///
  /// - Parameters:
  ///   - macs: multiply-accumulates of the call.
  ///   - elements: other operations on elements.
  public func hostCycles(macs: Int, elements: Int) -> Int {
    host.callCycles
      + Int(
        (Double(macs) / host.macsPerCycle + Double(elements) / host.elementsPerCycle).rounded(.up))
  }
}

extension TargetDescription.Block {
  /// The pieces that cover the block.
  fileprivate func count(of piece: TargetDescription.Block) -> Int {
    dividedUp(height, piece.height) * dividedUp(width, piece.width) * dividedUp(depth, piece.depth)
  }
}

/// The quotient, rounded up.
///
/// - Precondition: `a` is not negative, `b` is positive.
public func dividedUp(_ a: Int, _ b: Int) -> Int { (a + b - 1) / b }
