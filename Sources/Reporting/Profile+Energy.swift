/// Energy as reports say it.
extension Profile {
  /// `27.3 µJ`; nil where there is no figure.
  var energyFigure: String? {
    totals.energyMicrojoules.map { Figures.energy(microjoules: $0) }
  }

  /// `estimated from …`: nobody measured it on the target.
  var energyNote: String {
    "estimated from \(target.energySource ?? "the target's figures for bytes and operations")"
  }
}
