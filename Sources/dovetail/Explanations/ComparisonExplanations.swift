import Support

extension Explanation {
  /// Comparing models, profiles and accepted figures.
  static let comparisons: [Explanation] = [
    Explanation(
      "bad-baseline",
      """
      A baseline holds the accepted figures of networks: `schema`, and under `networks` an
      entry for each network on a target, with `model`, `target`, `totals`, `layers` and,
      where somebody wrote them, `budgets`. The message gives the line and the field.

      `dovetail check --update` writes baselines; only their budgets are meant to be written
      by hand. After a merge with conflicts, take one side and update again.
      """),
    Explanation(
      "bad-profile",
      """
      A file whose name ends in `.json` is read as a profile, which is what
      `dovetail profile MODEL --target T --json FILE` writes. This one is no JSON, lacks a
      field, or is of another schema. The message gives the field.

      Write the profile again with this version of Dovetail, or compare the models
      themselves with `dovetail diff A B --target T`.
      """),
    Explanation(
      "bad-suite",
      """
      A suite file names networks and targets: under `networks` a list of entries with
      `model`, and optionally `name`, `targets`, `systemConfig`, `memoryMode`,
      `activationMemoryBytes`, `shapes`, `disable`, `objective`, `data` with `labels`, and `budgets`; beside it `targets` and `budgets` for all, `tolerance` and
      `layerTolerance`. Paths are relative to the file. Fields that nobody reads are refused,
      because they are most likely misspelt.

      A budget is `{ metric: latencyCycles, maximum: 90000 }`, with `minimum` for accuracies,
      `maximumIncrease: 1 %` relative to the accepted figure, and `layers: "block1/*"` for
      the cycles of single layers.
      """),
    Explanation(
      "not-measured",
      """
      A network of the suite could not be compiled and measured, because an option of its
      entry does not go with it. The other networks were checked all the same.

      Try the entry by itself, with `dovetail profile`.
      """),
    Explanation(
      "profile-and-model",
      """
      `dovetail diff` compares two models, or two profiles. A profile says what layers cost
      on a target; a model alone does not.

      Give the model and the other one with `--target`, which profiles both, or profile the
      model first with `dovetail profile MODEL --target T --json FILE`.
      """),
  ]
}
