import CKernels
import GraphIR
import Operators

/// What must hold of the numbers of a command by itself, all its tiles and spans lying inside of memories.
///
/// A program may come from a stranger, so nothing is taken for granted that the kernels count on.
extension Action {
  /// A span that does not have the size that the command's shapes ask for.
  var sizeProblem: String? {
    switch self {
    case .copy(let from, let to):
      return from.byteCount == to.byteCount ? nil : "source and destination differ"
    case .load(let load): return load.sizeProblem
    case .convolve(let convolve): return convolve.sizeProblem
    case .rescale(let rescale):
      let parameters = rescale.result.channels * ChannelParameters.byteCount(rescale.rounding)
      let isRight =
        rescale.accumulators.byteCount == 4 * rescale.result.byteCount
        && rescale.parameters.byteCount == parameters
      return isRight ? nil : "accumulators or parameters"
    case .pool(let pool):
      let expected = product(pool.inputHeight, pool.inputWidth, pool.result.channels)
      return pool.input.byteCount == expected ? nil : "the input"
    case .add(let add):
      let isRight =
        add.first.byteCount == add.result.byteCount
        && add.second.byteCount == add.result.byteCount
      return isRight ? nil : "an operand"
    case .softmax(let softmax):
      let isRight =
        softmax.input.byteCount == product(softmax.rows, softmax.depth)
        && softmax.result.byteCount == softmax.input.byteCount
      return isRight ? nil : "operand or result"
    case .callHost(let call): return call.sizeProblem
    }
  }

  /// A number with which an engine cannot compute.
  ///
  /// - Parameter codes: how many code books there are.
  func numberProblem(codes: Int) -> String? {
    switch self {
    case .copy, .callHost: return nil
    case .load(let load):
      return load.tile.channels <= Int32.max ? nil : "a tile has too many channels"
    case .convolve(let convolve): return convolve.numberProblem(codes: codes)
    case .rescale(let rescale):
      return problem(
        rescale.result, rescale.zeroPoint, rescale.clampLower, rescale.clampUpper)
    case .pool(let pool): return pool.numberProblem
    case .add(let add): return add.numberProblem
    case .softmax(let softmax):
      let isRight = isExtent(softmax.rows) && isExtent(softmax.depth)
      return isRight ? nil : "rows or depth cannot be"
    }
  }

  /// Bytes that lie where an engine cannot use them.
  var placeProblem: String? {
    switch self {
    case .copy(let from, let to):
      return overlap(from, to) ? "source and destination overlap" : nil
    case .load(let load):
      let isInPlace =
        load.tile.memory == load.block.memory && load.tile.hull.overlaps(load.block.range)
      return isInPlace ? "the tile and the block overlap" : nil
    case .convolve(let convolve):
      return convolve.accumulators.address % 4 == 0 ? nil : "accumulators are not aligned"
    case .rescale(let rescale):
      return rescale.accumulators.address % 4 == 0 ? nil : "accumulators are not aligned"
    case .pool, .add, .softmax: return nil
    case .callHost(let call): return call.placeProblem
    }
  }
}

extension Load {
  fileprivate var sizeProblem: String? {
    guard isCount(padTop), isCount(padLeft), isCount(padBottom), isCount(padRight) else {
      return "the padding"
    }
    let expected = product(
      padTop + tile.height + padBottom, padLeft + tile.width + padRight, tile.channels)
    return block.byteCount == expected ? nil : "the block"
  }
}

extension Convolve {
  fileprivate var sizeProblem: String? {
    guard isExtent(height), isExtent(width), isExtent(depth) else { return "the result" }
    guard window.isPossible else { return "the window" }
    guard input.byteCount == product(inputHeight, inputWidth, inputDepth) else {
      return "the input"
    }
    guard accumulators.byteCount == product(4, height, width, depth) else {
      return "the accumulators"
    }
    let inputs = mode == .depthwise ? 1 : inputDepth
    guard let expected = product(depth, window.kernel.height, window.kernel.width, inputs),
      // Encoded weights are at most a byte longer than these are themselves.
      code == nil ? weights.byteCount == expected : (1...expected + 1).contains(weights.byteCount)
    else { return "the weights" }
    let isCovered =
      (height - 1) * window.stride.height + window.span.height <= inputHeight
      && (width - 1) * window.stride.width + window.span.width <= inputWidth
    return isCovered ? nil : "the input, for the window,"
  }

  fileprivate func numberProblem(codes: Int) -> String? {
    guard isExtent(inputHeight), isExtent(inputWidth), isExtent(inputDepth) else {
      return "the input's extents cannot be"
    }
    guard mode != .depthwise || inputDepth == depth else { return "the channels do not agree" }
    guard isByte(inputZeroPoint), isByte(weightZeroPoint) else {
      return "a zero point is no byte"
    }
    return code.map { (0..<codes).contains(Int($0)) } ?? true ? nil : "there is no such code"
  }
}

extension TileWindow {
  /// Whether sums and products of its numbers are such that kernels can compute with them.
  fileprivate var isPossible: Bool {
    isExtent(kernel) && isExtent(stride) && isExtent(dilation) && kernel.height <= 1 << 16
      && kernel.width <= 1 << 16
  }
}

extension Pool {
  fileprivate var numberProblem: String? {
    guard isCount(inputHeight), isCount(inputWidth), window.isPossible else {
      return "the input or the window cannot be"
    }
    guard isCount(padBefore.height), isCount(padBefore.width) else {
      return "the padding cannot be"
    }
    return problem(result, 0, clampLower, clampUpper)
  }
}

extension AddTiles {
  fileprivate var numberProblem: String? {
    guard isByte(form.a_zero_point), isByte(form.b_zero_point), isByte(form.output_zero_point),
      (0...31).contains(form.left_shift), form.origin == 0 || form.origin == 128
    else { return "a zero point is no byte, or a shift is too far" }
    guard form.a_factor.isFinite, form.b_factor.isFinite, form.offset.isFinite else {
      return "a factor is not a number"
    }
    return problem(result, form.output_zero_point, form.clamp_min, form.clamp_max)
  }
}

extension HostCall {
  fileprivate var sizeProblem: String? {
    let isRight =
      operands.count == site.operands.count && results.count == site.results.count
      && zip(operands, site.operands).allSatisfy { $0.byteCount == $1.byteCount }
      && zip(results, site.results).allSatisfy { $0.byteCount == $1.byteCount }
    return isRight ? nil : "operand or result"
  }

  fileprivate var placeProblem: String? {
    // As kernels may count on.
    guard (operands + results).allSatisfy({ $0.address % ConstantImage.alignment == 0 }) else {
      return "an operand or a result is not aligned"
    }
    for (position, result) in results.enumerated() {
      let others = operands + results[(position + 1)...]
      if others.contains(where: { overlap($0, result) }) { return "a result overlaps an operand" }
    }
    return nil
  }
}

extension Program {
  /// More than this cannot be meant; sums of cycles then do not overflow.
  static let maximumOperations = 0x1p60

  /// An upper bound of the cycles and operations of all commands together.
  var operationBound: Double {
    let array = target.array
    let output = target.output
    let perOperation =
      Double(array.cyclesPerMicroBlock + array.weightDecodeCycles + array.bubbleCycles)
      + Double(array.kernelStepCycles ?? 0)
      + output.cyclesPerElement.default + output.cyclesPerElement.add
      + output.cyclesPerElement.maximum + output.cyclesPerActivation
      + Double(output.minimumPoolCycles + output.softmax.elementOperations)
      + Double(output.cyclesPerWindowElement ?? 1)
      + 1 / target.host.macsPerCycle + 1 / target.host.elementsPerCycle
    let softmax = output.softmax
    let perCommand =
      Double(softmax.elementOperations + softmax.rowOperations) * Double(softmax.cyclesPerOperation)
      + Double(target.host.callCycles)
    return commands.reduce(0) { $0 + perCommand + perOperation * $1.action.operationBound }
  }
}

extension Action {
  /// An upper bound of what is done to single elements.
  fileprivate var operationBound: Double {
    switch self {
    case .copy(let from, _): Double(from.byteCount)
    case .load(let load): Double(load.block.byteCount)
    case .convolve(let convolve):
      Double(convolve.accumulators.byteCount) * Double(convolve.window.kernel.product)
        * Double(convolve.inputDepth)
    case .rescale(let rescale): Double(rescale.result.byteCount)
    case .pool(let pool): Double(pool.result.byteCount) * Double(pool.window.kernel.product)
    case .add(let add): Double(add.result.byteCount)
    case .softmax(let softmax): Double(softmax.input.byteCount + softmax.rows)
    case .callHost(let call):
      Double(call.work.macs) + Double(call.work.elementOperations)
    }
  }
}

extension HostCall {
  fileprivate var work: Work { op.work(site.operands, site.results) }
}

/// The product of counts; nil if one is negative, or there is none.
private func product(_ a: Int, _ b: Int, _ c: Int = 1, _ d: Int = 1) -> Int? {
  guard a >= 0, b >= 0, c >= 0, d >= 0 else { return nil }
  let (first, second) = (a.multipliedReportingOverflow(by: b), c.multipliedReportingOverflow(by: d))
  guard !first.overflow, !second.overflow else { return nil }
  let whole = first.partialValue.multipliedReportingOverflow(by: second.partialValue)
  return whole.overflow ? nil : whole.partialValue
}

private func isCount(_ number: Int) -> Bool { (0...Int(Int32.max)).contains(number) }

private func isExtent(_ number: Int) -> Bool { (1...Int(Int32.max)).contains(number) }

private func isExtent(_ pair: Spatial) -> Bool { isExtent(pair.height) && isExtent(pair.width) }

private func isByte(_ number: Int32) -> Bool { (-128...127).contains(number) }

/// What is wrong with a result's tile, zero point and bounds.
private func problem(_ result: Tile, _ zeroPoint: Int32, _ lower: Int32, _ upper: Int32) -> String?
{
  guard isExtent(result.height), isExtent(result.width), isExtent(result.channels) else {
    return "the result is empty, or too large"
  }
  let isRight = isByte(zeroPoint) && isByte(lower) && isByte(upper)
  return isRight ? nil : "a zero point or a bound is no byte"
}

private func overlap(_ a: Span, _ b: Span) -> Bool {
  a.memory == b.memory && a.range.overlaps(b.range)
}
