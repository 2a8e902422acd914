import GraphIR
import Hardware

/// In which groups layers are computed, and in which memory values lie.
struct Schedule {
  /// Consecutive layers that take turns, rows by rows; most groups are of one layer.
  var groups: [Range<Int>]
  /// The order of bands in groups of several layers, by their first layer.
  var bands: [Int: BandOrder] = [:]
  /// The blocks of each layer; nil on the host, and for a softmax.
  var tilings: [Tiling?]
  /// Values outside the memory for activations, with the memory in which they lie.
  var elsewhere: [ValueID: Int] = [:]
  /// Results that take over the bytes of an operand, which nobody reads after them.
  var inPlace: [ValueID: ValueID] = [:]
  /// Values of which only some rows exist at a time, with the number of rows.
  var rows: [ValueID: Int] = [:]
  /// What the search for it estimated; nil where nothing was searched for.
  var cost: PlaceSearch.Cost?
}

extension Schedule {
  /// Every layer by itself.
  init(_ layers: [LayerPlan]) {
    self.init(
      groups: layers.indices.map { $0..<$0 + 1 }, tilings: layers.map { $0.blocks?.tiling })
  }

  /// The value in whose bytes a value lies: itself, unless it takes over those of others.
  func owner(of value: ValueID) -> ValueID {
    var owner = value
    while let next = inPlace[owner] { owner = next }
    return owner
  }

  /// Of each layer, the group that it is in.
  var groupOfLayer: [Range<Int>] { groups.flatMap { group in group.map { _ in group } } }
}
