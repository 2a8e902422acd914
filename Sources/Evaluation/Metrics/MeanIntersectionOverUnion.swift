extension Metric {
  /// The mean over the classes that occur of the pixels that map and label both give the class by those that either gives
  /// it, both over all samples.
  public static let meanIoU = Metric(
    "mean-iou", "mean over classes of intersection over union, of class maps", against: .labels,
    in: .share
  ) { answer in
    let maps = try ClassMap.pair(answer)
    var classes: [Int: (intersection: Double, union: Double)] = [:]
    for (found, expected) in zip(maps.found.classes, maps.expected.classes)
    where expected != ClassMap.ignored {
      classes[expected, default: (0, 0)].union += 1
      if found == expected {
        classes[expected, default: (0, 0)].intersection += 1
      } else {
        classes[found, default: (0, 0)].union += 1
      }
    }
    // In a fixed order: a class, its intersection and its union.
    return classes.sorted { $0.key < $1.key }.flatMap {
      [Double($0.key), $0.value.intersection, $0.value.union]
    }
  } figure: { evidence in
    var classes: [Double: (intersection: Double, union: Double)] = [:]
    for sample in evidence {
      for start in stride(from: 0, to: sample.count, by: 3) {
        classes[sample[start], default: (0, 0)].intersection += sample[start + 1]
        classes[sample[start], default: (0, 0)].union += sample[start + 2]
      }
    }
    let ratios = classes.sorted { $0.key < $1.key }.map { $0.value.intersection / $0.value.union }
    return ratios.reduce(0, +) / Double(ratios.count)
  }
}
