import Foundation

/// JSON as every command writes it: indented, keys sorted, a line feed at the end.
public enum JSONText {
  /// The text of a value; the same for equal values, so that reports can be compared as files.
  ///
  /// - Throws: an `EncodingError` for numbers that JSON lacks, such as NaN.
  public static func encode(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return Escaping.jsonText(String(decoding: try encoder.encode(value), as: UTF8.self)) + "\n"
  }
}
