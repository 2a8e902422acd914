/// A profile as comma-separated values: a line for each layer, for spreadsheets (RFC 4180).
public enum ProfileCSV {
  /// A heading, and a row for each layer; lines end in CR LF. Text that a spreadsheet could take for a formula begins
  /// with an apostrophe.
  public static func text(_ profile: Profile) -> String {
    let memories = profile.totals.peakMemoryBytes.keys.sorted()
    let header =
      [
        "layer", "name", "operator", "sources", "engine", "latencyCycles", "computeCycles", "macs",
        "utilization", "bound",
      ] + memories.flatMap { ["\($0)ReadBytes", "\($0)WriteBytes"] }
      + (profile.hasAccuracy ? ["sqnrDecibels", "aloneDecibels", "cosine"] : [])
    let rows = profile.layers.enumerated().map { index, layer in
      let sources = layer.sources.map { "\($0.operator) \($0.index)" }.joined(separator: "; ")
      let traffic = memories.flatMap { name in
        [layer.trafficBytes[name]?.read ?? 0, layer.trafficBytes[name]?.write ?? 0].map(String.init)
      }
      return [
        String(index), layer.name, layer.operator, sources, layer.engine,
        String(layer.latencyCycles), String(layer.computeCycles), String(layer.macs),
        String(layer.utilization), layer.bound.rawValue,
      ] + traffic + (profile.hasAccuracy ? accuracy(layer) : [])
    }
    return ([header] + rows).map { row in
      row.map(Escaping.csvCell).joined(separator: ",") + "\r\n"
    }.joined()
  }

  /// Empty cells where nothing was measured.
  private static func accuracy(_ layer: Profile.Layer) -> [String] {
    let error = layer.accuracy
    return [error?.sqnrDecibels, error?.aloneDecibels, error?.cosine].map {
      $0.map { String($0) } ?? ""
    }
  }
}
