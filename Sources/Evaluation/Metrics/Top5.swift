extension Metric {
  /// How often the output of the right class is among the five largest.
  public static let top5 = hits(
    "top5", "share of samples whose class has one of the five largest outputs"
  ) { try ($0.classRank() ?? .max) < 5 }
}
