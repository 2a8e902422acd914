import Importing

/// What differs between two models, two profiles, or both: the JSON of `dovetail diff`, and the source of its other forms.
public struct Difference: Codable, Hashable, Sendable {
  /// By which readers of the JSON know its form; the number grows when fields change their meaning.
  public let schema: String
  /// What stands on the left.
  public let before: Profile.ModelReference
  /// What stands on the right.
  public let after: Profile.ModelReference
  /// Whether anything differs but names and digests of files.
  public let differs: Bool
  /// Nil where profiles were compared, which do not hold graphs.
  @ExplicitNull public var graph: GraphDiff?
  /// Nil where models were compared without a target.
  @ExplicitNull public var profile: ProfileDiff?

  /// The difference of two profiles.
  public init(_ a: Profile, _ b: Profile) {
    self.init(a.model, b.model, graph: nil, ProfileDiff(a, b))
  }

  /// The difference of two models.
  ///
  /// - Parameter profiles: of both on a target; nil leaves out what they cost.
  public init(_ a: Model, _ b: Model, profiles: (Profile, Profile)? = nil) {
    self.init(
      Profile.ModelReference(a), Profile.ModelReference(b), graph: GraphDiff(a.graph, b.graph),
      profiles.map { ProfileDiff($0.0, $0.1) })
  }

  private init(
    _ a: Profile.ModelReference, _ b: Profile.ModelReference, graph: GraphDiff?,
    _ profile: ProfileDiff?
  ) {
    schema = "dovetail.diff/1"
    before = a
    after = b
    differs = !(graph?.isEmpty ?? true) || !(profile?.isEmpty ?? true)
    self.graph = graph
    self.profile = profile
  }
}

extension Profile.ModelReference {
  /// The model that was read.
  init(_ model: Model) {
    self.init(name: model.name, format: model.format, sha256: model.sha256)
  }
}
