import Yams

/// The keys of `supports` in a target file, which a decoder is told, because Yams compiles regular expressions for all
/// types that a text may look like as soon as it is asked for keys. That takes longer than the rest of the file.
struct OperatorNames {
  /// By the field of the engine.
  private let names: [String: [String]]

  private static let key = CodingUserInfoKey(rawValue: "operatorNames")

  init(_ target: Node) {
    let engines = ["array", "output"].map { engine in
      // Through `mapping`, as what a node is asked for itself marks it, and decoders then look at its keys.
      let supports = target.mapping?[engine]?.mapping?["supports"]?.mapping
      return (engine, supports?.keys.compactMap(\.string) ?? [])
    }
    names = Dictionary(uniqueKeysWithValues: engines)
  }

  /// What the decoder gets.
  var userInfo: [CodingUserInfoKey: Any] { Self.key.map { [$0: self] } ?? [:] }

  /// The names in the mapping that a decoder stands at; nil if it was not told.
  fileprivate static func told(_ decoder: any Decoder) -> [String]? {
    guard let key, let known = decoder.userInfo[key] as? OperatorNames else { return nil }
    return decoder.codingPath.first.flatMap { known.names[$0.stringValue] }
  }
}

/// Any name of an operator.
private struct OperatorKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

extension KeyedDecodingContainer {
  /// What the decoding of an engine calls for `supports`.
  func decode(
    _ type: [String: TargetDescription.Support].Type, forKey key: Key
  ) throws -> [String: TargetDescription.Support] {
    let decoder = try superDecoder(forKey: key)
    guard let names = OperatorNames.told(decoder) else { return try type.init(from: decoder) }
    let fields = try decoder.container(keyedBy: OperatorKey.self)
    return try names.map(OperatorKey.init).filter(fields.contains).reduce(into: [:]) {
      $0[$1.stringValue] = try fields.decode(TargetDescription.Support.self, forKey: $1)
    }
  }
}
