import GraphIR
import Operators
import Tensors

extension Pass {
  /// Lets convolutions of real numbers pad their images themselves, so that no copy with borders has to be made.
  public static let foldPads = rewrite(
    "fold-pads", "fold borders of zeros into the convolutions that read them",
    Rule(replacing: Conv2D.self) { graph, id, op in try graph.padding(id, op) },
    Rule(replacing: DepthwiseConv2D.self) { graph, id, op in try graph.padding(id, op) })
}

/// A convolution whose padding can be another.
private protocol PaddedConvolution: ConvolutionOperator {
  var padding: Padding { get set }
}

extension Conv2D: PaddedConvolution {}
extension DepthwiseConv2D: PaddedConvolution {}

/// The zeros around an image.
private struct Border {
  let image: ValueID
  let before: [Int]
  let after: [Int]
}

extension Graph {
  /// The result of a convolution that adds to its padding what a node adds to its image; nil if none does.
  fileprivate mutating func padding(_ id: NodeID, _ op: some PaddedConvolution) throws -> ValueID? {
    guard let border = try border(of: input(of: id), before: id),
      let padding = op.padding.adding(border)
    else { return nil }
    var padded = op
    padded.padding = padding
    return try insert(
      padded, [border.image] + nodes[id].inputs.dropFirst(),
      results: types(of: nodes[id].results), before: id)[0]
  }

  /// What an image of real numbers is without its border, which may have been added before its axes were moved.
  private mutating func border(of image: ValueID, before id: NodeID) throws -> Border? {
    guard values[image].type.element == .f32, let producer = producer(of: image) else { return nil }
    if let pad = op(producer, as: Pad.self) {
      guard nodes[producer].inputs.count == 1, pad.value.bitPattern == 0 else { return nil }
      return Border(image: input(of: producer), before: pad.before, after: pad.after)
    }
    guard let transpose = op(producer, as: Transpose.self),
      let outer = try border(of: input(of: producer), before: id)
    else { return nil }
    let axes = transpose.permutation
    return Border(
      image: try insert(transpose, [outer.image], before: id)[0],
      before: axes.map { outer.before[$0] }, after: axes.map { outer.after[$0] })
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
