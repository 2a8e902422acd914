import Foundation

/// Compares what a network costs now with what was accepted, and with its budgets.
struct FactsComparison {
  let facts: NetworkFacts
  /// Nil if nothing was accepted yet.
  let accepted: NetworkFacts?
  let budgets: [Budget]
  let tolerance: Tolerance
  /// Whether there are samples to measure it on.
  let measuresAccuracy: Bool

  /// Totals first, then layers, then budgets, each in a fixed order.
  var findings: [Finding] {
    guard let accepted else {
      let text = "there are no accepted figures for it in the baseline"
      return [Finding(.breach, .baseline, "baseline", text)] + budgetFindings
    }
    return totalFindings(accepted) + layerFindings(accepted) + budgetFindings
  }

  // MARK: - Totals

  private func totalFindings(_ accepted: NetworkFacts) -> [Finding] {
    let names = Set(facts.totals.keys).union(accepted.totals.keys).sorted()
    return names.map { name in
      guard let before = accepted.totals[name] else {
        return Finding(.note, .total, name, "\(Finding.quoted(name)) is new")
      }
      guard let after = facts.totals[name] else {
        // Without samples there is none, as for a single model of a suite.
        let isExpected = measuresAccuracy || !NetworkFacts.isGain(name)
        return Finding(
          isExpected ? .breach : .note, .total, name, "\(Finding.quoted(name)) is not measured")
      }
      let limit = relativeLimit(name) ?? tolerance.totals
      return finding(
        .total, name, before, after, limit, isGain: NetworkFacts.isGain(name),
        words: Finding.quoted(name)
      ) { DiffFigures.text(name, $0) }
    }
  }

  /// What budgets allow a figure of the whole network in place of the tolerance.
  private func relativeLimit(_ name: String) -> Double? {
    budgets.filter { $0.metric == name && $0.layers == nil }.compactMap(\.maximumIncrease).max()
  }

  private func finding(
    _ rule: Finding.Rule, _ subject: String, _ before: Double, _ after: Double, _ limit: Double,
    isGain: Bool, words: String, _ number: (Double) -> String
  ) -> Finding {
    let change = "from \(number(before)) to \(number(after))"
    let relative = DiffFigures.relative(before, after)
    let difference = "\(change)\(relative.isEmpty ? "" : " (\(relative))")"
    let verb = after > before ? "rose" : "fell"
    if isWorse(after, than: before, limit, isGain) {
      let allowed = "more than the \(Self.percent(limit)) allowed"
      return Finding(.breach, rule, subject, "\(words) \(verb) \(difference), \(allowed)")
    }
    if isWorse(before, than: after, limit, isGain) {
      return Finding(.improvement, rule, subject, "\(words) \(verb) \(difference)")
    }
    let text = before == after ? "\(words) is \(number(after))" : "\(words) \(verb) \(difference)"
    return Finding(.passed, rule, subject, text)
  }

  private func isWorse(
    _ value: Double, than other: Double, _ limit: Double, _ isGain: Bool
  ) -> Bool {
    isGain ? value < other * (1 - limit) : value > other * (1 + limit)
  }

  private static func percent(_ limit: Double) -> String { String(format: "%g %%", limit * 100) }

  // MARK: - Layers

  private func layerFindings(_ accepted: NetworkFacts) -> [Finding] {
    let matching = LayerMatching(
      accepted.layers.map(\.features), facts.layers.map(\.features),
      isSameModel: accepted.modelSHA256 == facts.modelSHA256)
    return matching.groups.map { group in
      let (old, new) = (
        group.before.map { accepted.layers[$0] }, group.after.map { facts.layers[$0] }
      )
      if let structure = structureFinding(old, new) { return structure }
      let name = Self.names(new)
      let limit = layerLimit(new)
      return finding(
        .layer, name, Self.cycles(old), Self.cycles(new), limit, isGain: false,
        words: "the latency of layer \(Finding.quoted(name))"
      ) { "\(DiffFigures.grouped($0)) cycles" }
    }
  }

  /// Layers that came and went say nothing by themselves: the totals tell whether that was good.
  private func structureFinding(
    _ old: [NetworkFacts.Layer], _ new: [NetworkFacts.Layer]
  ) -> Finding? {
    if old.isEmpty {
      let name = Self.names(new)
      let cycles = DiffFigures.grouped(Self.cycles(new))
      return Finding(
        .note, .layer, name, "layer \(Finding.quoted(name)) is new, with \(cycles) cycles")
    }
    guard new.isEmpty else { return nil }
    let name = Self.names(old)
    let cycles = DiffFigures.grouped(Self.cycles(old))
    return Finding(
      .note, .layer, name, "layer \(Finding.quoted(name)) is gone, which had \(cycles) cycles")
  }

  /// What budgets allow single layers in place of the tolerance.
  private func layerLimit(_ layers: [NetworkFacts.Layer]) -> Double {
    let limits = budgets.filter { budget in
      guard let pattern = budget.layers.map(NamePattern.init) else { return false }
      return layers.contains { pattern.matches($0.features.name) }
    }
    return limits.compactMap(\.maximumIncrease).max() ?? tolerance.layers
  }

  private static func cycles(_ layers: [NetworkFacts.Layer]) -> Double {
    layers.reduce(0) { $0 + $1.cycles }
  }

  private static func names(_ layers: [NetworkFacts.Layer]) -> String {
    layers.map(\.features.name).joined(separator: " + ")
  }

  // MARK: - Budgets

  private var budgetFindings: [Finding] {
    budgets.flatMap { $0.layers == nil ? totalFindings($0) : layerFindings($0) }
  }

  private func totalFindings(_ budget: Budget) -> [Finding] {
    guard let value = facts.total(budget.metric) else {
      let text = "there is no figure \(Finding.quoted(budget.metric)) for its budget"
      return [Finding(.breach, .budget, budget.metric, text)]
    }
    return limits(budget, budget.metric, value, words: Finding.quoted(budget.metric)) {
      DiffFigures.text(budget.metric, $0)
    }
  }

  private func layerFindings(_ budget: Budget) -> [Finding] {
    let pattern = NamePattern(budget.layers ?? "")
    let layers = facts.layers.filter { pattern.matches($0.features.name) }
    guard !layers.isEmpty else {
      let text =
        "no layer has a name like \(Finding.quoted(budget.layers ?? "")), which has a budget"
      return [Finding(.breach, .budget, budget.layers ?? "", text)]
    }
    return layers.flatMap { layer in
      limits(
        budget, layer.features.name, layer.cycles,
        words: "the latency of layer \(Finding.quoted(layer.features.name))"
      ) {
        "\(DiffFigures.grouped($0)) cycles"
      }
    }
  }

  private func limits(
    _ budget: Budget, _ subject: String, _ value: Double, words: String,
    _ number: (Double) -> String
  ) -> [Finding] {
    let maximum = budget.maximum.map { limit in
      value > limit
        ? Finding(
          .breach, .budget, subject,
          "\(words) is \(number(value)), above its budget of \(number(limit))")
        : Finding(
          .passed, .budget, subject,
          "\(words) is \(number(value)), within its budget of \(number(limit))")
    }
    let minimum = budget.minimum.map { limit in
      value < limit
        ? Finding(
          .breach, .budget, subject,
          "\(words) is \(number(value)), below the \(number(limit)) it must have")
        : Finding(
          .passed, .budget, subject,
          "\(words) is \(number(value)), at least the \(number(limit)) it must have")
    }
    return [maximum, minimum].compactMap { $0 }
  }
}
