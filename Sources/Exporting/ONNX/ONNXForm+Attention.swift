import GraphIR
import ONNXSchema
import Operators
import Tensors

extension ONNXForm {
  /// What transformers are made of besides products and normalizations.
  static let attention: [ONNXForm] = [
    ONNXForm(Attention.self) { op, site, writer in try writer.attend(op, site) },
    ONNXForm(RotaryEmbedding.self) { op, site, writer in try writer.rotate(op, site) },
  ]
}

extension ONNXGraphWriter {
  /// The standard has four axes: batches, heads, steps, and numbers of a step.
  fileprivate mutating func attend(_ op: Attention, _ site: ONNXSite) throws {
    var operands: [String] = []
    for index in 0..<3 {
      let extents = site.shape(index).extents
      operands.append(try reshaped(site, index, to: Self.heads(extents) + extents.suffix(2)))
    }
    if site.operands.count > 3 { operands.append(try mask(site)) }
    let result = file.add("Attention", operands, [.float("scale", op.scale)])
    let own = site.resultTypes[0].shape.extents
    defineReshaped(site, Self.heads(own) + own.suffix(2), result)
  }

  /// Batches and heads of matrices with any number of axes in front.
  private static func heads(_ extents: [Int]) -> [Int] {
    let leading = Array(extents.dropLast(2))
    return leading.count == 2 ? leading : [1, leading.reduce(1, *)]
  }

  /// The mask with as many axes as its scores: a row for each query.
  private mutating func mask(_ site: ONNXSite) throws -> String {
    let (queries, keys) = (site.shape(0).extents, site.shape(1).extents)
    let scores = Array(queries.dropLast() + [keys[keys.count - 2]])
    let own = site.shape(3).extents
    let isWhole = own.suffix(2) == scores.suffix(2) && own.dropLast(2).allSatisfy { $0 == 1 }
    if isWhole { return try reshaped(site, 3, to: [1, 1] + scores.suffix(2)) }
    let whole = file.add(
      "Expand", [try real(site.operands[3]), file.integers(scores, "shape")])
    let extents = Self.heads(queries) + scores.suffix(2)
    return extents == scores ? whole : file.reshape(whole, extents)
  }

  /// Where heads do not share their angles, or there are other than four axes, all in front of the steps are batches.
  fileprivate mutating func rotate(_ op: RotaryEmbedding, _ site: ONNXSite) throws {
    let extents = site.shape(0).extents
    let pairs = site.shape(1).extents.last ?? 1
    let (steps, width) = (extents.dropLast().last ?? 1, extents.last ?? 1)
    let missing = Array(repeating: 1, count: extents.count - site.shape(1).rank)
    let angles = missing + site.shape(1).extents
    let sharesAngles = extents.count == 4 && angles[1] == 1
    let batches = sharesAngles ? extents[0] : extents.dropLast(2).reduce(1, *)
    var operands = [
      try sharesAngles
        ? real(site.operands[0]) : reshaped(site, 0, to: [batches, 1, steps, width])
    ]
    for index in 1...2 {
      let whole =
        sharesAngles ? [batches, 1, steps, pairs] : Array(extents.dropLast() + [pairs])
      let expanded =
        angles == whole
        ? try real(site.operands[index])
        : file.add("Expand", [try real(site.operands[index]), file.integers(whole, "shape")])
      operands.append(file.reshape(expanded, [batches, steps, pairs]))
    }
    let result = file.add(
      "RotaryEmbedding", operands,
      [
        .flag("interleaved", op.isInterleaved),
        .integer("rotary_embedding_dim", 2 * pairs == width ? 0 : 2 * pairs),
      ])
    defineReshaped(site, [batches, sharesAngles ? extents[1] : 1, steps, width], result)
  }

  /// An operand with other axes, or as it is if it has these.
  private mutating func reshaped(
    _ site: ONNXSite, _ index: Int, to extents: [Int]
  ) throws -> String {
    let name = try real(site.operands[index])
    return site.shape(index).extents == extents ? name : file.reshape(name, extents)
  }

  /// - Parameter extents: of the tensor that is there.
  private mutating func defineReshaped(_ site: ONNXSite, _ extents: [Int], _ name: String) {
    let own = site.resultTypes[0].shape.extents
    define(
      site.results[0], plainOrder(site.results[0]),
      as: own == extents ? name : file.reshape(name, own))
  }
}
