/// An optional that JSON shows as `null` when there is no value, instead of leaving the field out.
@propertyWrapper
public struct ExplicitNull<Wrapped: Codable & Hashable & Sendable>: Codable, Hashable, Sendable {
  /// Nil is written as `null`.
  public var wrappedValue: Wrapped?

  /// Lets the property be declared with an initial value.
  public init(wrappedValue: Wrapped?) { self.wrappedValue = wrappedValue }

  /// From `null` or a value; a field that is missing is an error.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    wrappedValue = container.decodeNil() ? nil : try container.decode(Wrapped.self)
  }

  /// As `null` or the value.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(wrappedValue)
  }
}
