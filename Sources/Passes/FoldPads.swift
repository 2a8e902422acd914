import GraphIR
import Operators
import Tensors

extension Pass {
  /// Lets convolutions and pools pad their images themselves, so that no copy with borders has to be made.
  public static let foldPads = rewrite(
    "fold-pads", "fold borders into the convolutions and pools that read them",
    Rule(replacing: Conv2D.self) { graph, id, op in try graph.padding(id, op) },
    Rule(replacing: DepthwiseConv2D.self) { graph, id, op in try graph.padding(id, op) },
    Rule(replacing: MaxPool2D.self) { graph, id, op in try graph.padding(id, op) })
}

/// An operator whose window may reach over the border of an image.
private protocol PaddedOperator: Operator {
  var padding: Padding { get set }
}

extension Conv2D: PaddedOperator {}
extension DepthwiseConv2D: PaddedOperator {}
extension MaxPool2D: PaddedOperator {}

/// What lies around an image.
private struct Border {
  let image: ValueID
  /// A single element.
  let element: Tensor
  let before: [Int]
  let after: [Int]

  /// Whether a convolution would add the same.
  var isZero: Bool { element.realNumbers[0].bitPattern == 0 }

  /// Whether no element of the image can be smaller.
  var isLowest: Bool {
    let lowest = element.type.element.integerRange.map { Double($0.lowerBound) }
    return element.storedNumbers[0] == lowest ?? -.infinity
  }
}

extension Graph {
  /// The result of a node that adds to its padding what another adds to its image; nil if none does.
  fileprivate mutating func padding(_ id: NodeID, _ op: some PaddedOperator) throws -> ValueID? {
    guard let border = try border(of: input(of: id), before: id),
      let padding = op.padding.adding(border)
    else { return nil }
    var padded = op
    padded.padding = padding
    guard isSame(border, for: padded) else { return nil }
    return try insert(
      padded, [border.image] + nodes[id].inputs.dropFirst(),
      results: types(of: nodes[id].results), before: id)[0]
  }

  /// Whether an operator takes for a border what the border is.
  private func isSame(_ border: Border, for op: some PaddedOperator) -> Bool {
    guard let pool = op as? MaxPool2D else { return border.isZero }
    let image = values[border.image].type
    guard let window = try? pool.window([image]), window.touchesImage(image.shape) else {
      return false
    }
    return border.isLowest || border.isZero && isPositive(border.image)
  }

  /// Whether real numbers were limited to those that are not negative.
  private func isPositive(_ value: ValueID) -> Bool {
    guard isReal(value), let producer = producer(of: value) else { return false }
    let op = nodes[producer].op
    return (op.limits ?? (op as? any ClampedOperator)?.clamp)?.lower ?? -1 >= 0
  }

  /// What an image is without its border, which may have been added before its axes were moved.
  private mutating func border(of image: ValueID, before id: NodeID) throws -> Border? {
    guard let producer = producer(of: image) else { return nil }
    if let pad = op(producer, as: Pad.self) {
      guard let element = element(of: pad, producer) else { return nil }
      return Border(
        image: input(of: producer), element: element, before: pad.before, after: pad.after)
    }
    guard let transpose = op(producer, as: Transpose.self),
      let outer = try border(of: input(of: producer), before: id)
    else { return nil }
    let axes = transpose.permutation
    return Border(
      image: try insert(transpose, [outer.image], before: id)[0], element: outer.element,
      before: axes.map { outer.before[$0] }, after: axes.map { outer.after[$0] })
  }

  /// An element of the border that a node adds to real numbers, or to integers with a single scale.
  private func element(of pad: Pad, _ id: NodeID) -> Tensor? {
    let (inputs, type) = (nodes[id].inputs, values[result(of: id)].type)
    guard type.element == .f32 || type.quantization?.isPerTensor == true else { return nil }
    if inputs.count > 1 {
      return constantData(inputs[1]).map { Tensor(type.with(shape: []), $0) }
    }
    let nothing = Tensor(type.with(shape: [0]), numbers: [])
    let lone = Pad(before: [0], after: [1], value: pad.value)
    return try? lone.evaluate([nothing], results: [type.with(shape: [1])]).first
  }
}

extension Window {
  /// Whether every window has a pixel of an image NHWC in it, so far as its neighbours' elements are next to each other.
  fileprivate func touchesImage(_ image: Shape) -> Bool {
    (0..<2).allSatisfy { axis in
      padBefore[axis] < kernel[axis]
        && (output[axis] - 1) * stride[axis] - padBefore[axis] < image[axis + 1]
    }
  }
}

extension Padding {
  /// Both pads together; nil if those of the border are not around height and width, or this one depends on extents.
  fileprivate func adding(_ border: Border) -> Padding? {
    let (before, after) = (border.before, border.after)
    guard [0, 3].allSatisfy({ before[$0] == 0 && after[$0] == 0 }),
      (before + after).allSatisfy({ $0 < 1 << 16 })
    else { return nil }
    switch self {
    case .same: return nil
    case .valid:
      return .explicit(top: before[1], left: before[2], bottom: after[1], right: after[2])
    case .explicit(let top, let left, let bottom, let right):
      return .explicit(
        top: top + before[1], left: left + before[2], bottom: bottom + after[1],
        right: right + after[2])
    }
  }
}
