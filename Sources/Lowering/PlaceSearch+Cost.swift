extension PlaceSearch {
  /// What is added up on the way: what the bytes count that are read and written, and then cycles.
  struct Cost: Comparable {
    var bytes: Double
    var cycles: Double

    static func + (a: Cost, b: Cost) -> Cost {
      Cost(bytes: a.bytes + b.bytes, cycles: a.cycles + b.cycles)
    }

    static func < (a: Cost, b: Cost) -> Bool { (a.bytes, a.cycles) < (b.bytes, b.cycles) }
  }
}
