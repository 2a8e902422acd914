extension Metric {
  /// How well a segmentation covers what is not the background, class 0: pixels that both have by pixels that either has.
  public static let iou = Metric(
    "iou", "intersection over union of what is not class 0, of class maps", against: .labels,
    in: .share
  ) { answer in
    let maps = try ClassMap.pair(answer)
    return zip(maps.found.classes, maps.expected.classes).reduce(into: [0, 0]) { sums, pixel in
      guard pixel.1 != ClassMap.ignored else { return }
      // What was found of no class at all is only ever wrong.
      sums[0] += pixel.0 > 0 && pixel.1 != 0 ? 1 : 0
      sums[1] += pixel.0 != 0 || pixel.1 != 0 ? 1 : 0
    }
  } figure: { evidence in
    evidence.reduce(0) { $0 + $1[0] } / evidence.reduce(0) { $0 + $1[1] }
  }
}
