/// A rectangle by its corners, in whatever unit the anchors have.
struct BoundingBox: Sendable {
  let top: Float
  let left: Float
  let bottom: Float
  let right: Float

  /// Nothing, at the origin.
  static let empty = BoundingBox(top: 0, left: 0, bottom: 0, right: 0)

  /// The corners in the order of a result: top, left, bottom, right.
  var corners: [Float] { [top, left, bottom, right] }

  private var area: Float { (bottom - top) * (right - left) }

  /// The part that two boxes share of the area that they cover together; 0 if one of them is empty.
  func overlap(with other: BoundingBox) -> Float {
    guard area > 0, other.area > 0 else { return 0 }
    let height = max(min(bottom, other.bottom) - max(top, other.top), 0)
    let width = max(min(right, other.right) - max(left, other.left), 0)
    let shared = height * width
    return shared / (area + other.area - shared)
  }
}

/// Chooses among boxes that overlap those with the highest scores.
struct NonMaxSuppression: Sendable {
  let boxes: [BoundingBox]
  /// The lowest score that is considered.
  let scoreThreshold: Float
  /// The largest overlap with a better box that is allowed.
  let overlapThreshold: Float

  /// The indices of chosen boxes, at most `limit`, by falling score. Of equal scores, the first comes first.
  ///
  /// Source: `NonMaxSuppressionSingleClassHelper` of TFLite's `detection_postprocess`.
  func chosen(_ scores: [Float], limit: Int) -> [Int] {
    let candidates = scores.indices.filter { scores[$0] >= scoreThreshold }
    var chosen: [Int] = []
    for candidate in Self.descending(candidates, by: { scores[$0] }) {
      guard chosen.count < limit else { break }
      let isCovered = chosen.contains {
        boxes[$0].overlap(with: boxes[candidate]) > overlapThreshold
      }
      if !isCovered { chosen.append(candidate) }
    }
    return chosen
  }

  /// The elements by falling score, equal ones in their order.
  static func descending<Element>(_ elements: [Element], by score: (Element) -> Float) -> [Element]
  {
    let scores = elements.map(score)
    return elements.indices
      .sorted { scores[$0] > scores[$1] || (scores[$0] == scores[$1] && $0 < $1) }
      .map { elements[$0] }
  }
}
