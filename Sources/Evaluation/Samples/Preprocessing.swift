import Support

/// What becomes of images and other data before a model reads them.
///
/// Images are cropped, resized, and brought to the channels and the layout of the input; arrays have its shape already.
/// Then `(number − mean) / scale`, channel by channel.
public struct Preprocessing: Hashable, Sendable {
  /// How numbers between pixels are found, without antialiasing: from the nearest pixels of the image alone.
  public enum Interpolation: String, Hashable, Sendable, CaseIterable {
    /// From 2 × 2 pixels.
    case bilinear
    /// From 4 × 4 pixels, with Keys' kernel of a = −1/2.
    case bicubic
  }

  /// The order of an image's channels.
  public enum ChannelOrder: String, Hashable, Sendable, CaseIterable { case rgb, bgr }

  /// Where in an image's shape its channels stand: last or first.
  public enum Layout: String, Hashable, Sendable, CaseIterable { case nhwc, nchw }

  /// How images of another size are resized.
  public var interpolation = Interpolation.bilinear
  /// The part of the largest centred box with the input's aspect ratio that is kept, above 0 and up to 1; nil keeps all of
  /// the image, and stretches it.
  public var crop: Double?
  /// What is subtracted: nothing, one number, or one for each channel in the order of the input.
  public var mean: [Double] = []
  /// What is divided by: nothing, one number, or one for each channel in the order of the input.
  public var scale: [Double] = []
  /// The order of the input's channels.
  public var channels = ChannelOrder.rgb
  /// Nil if the input's shape tells.
  public var layout: Layout?

  /// Images are stretched to the input's size, and numbers stay as they are.
  public init() {}

  /// From text such as `resize=bicubic,crop=0.875,mean=127,scale=128`; numbers for each channel stand between colons, and
  /// `std` is another word for `scale`.
  ///
  /// - Throws: a `Diagnostic` for a key that is unknown, or a value that it does not take.
  public init(_ text: String) throws {
    for part in text.split(separator: ",") {
      let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let key = sides.first, let setter = Self.setters[String(key)] else {
        throw Diagnostic(.unknownKey(String(part)), help: Self.keys)
      }
      guard sides.count == 2, setter(&self, String(sides[1])) else {
        throw Diagnostic(.badValue(String(part)), help: Self.keys)
      }
    }
  }

  /// Whether numbers stay as they are.
  var keepsNumbers: Bool { mean.isEmpty && scale.isEmpty }
}

extension Preprocessing {
  private static let keys =
    "the keys are resize (bilinear, bicubic), crop (above 0, up to 1), mean and scale or std (a number, "
    + "or one for each channel as 1:2:3), channels (rgb, bgr) and layout (nhwc, nchw)"

  /// Each sets what its key names, or gives false if it does not take the value.
  private static let setters: [String: @Sendable (inout Preprocessing, String) -> Bool] = [
    "resize": { set(&$0.interpolation, Interpolation(rawValue: $1)) },
    "crop": { set(&$0.crop, Double($1).flatMap { $0 > 0 && $0 <= 1 ? $0 : nil }) },
    "mean": { set(&$0.mean, numbers($1)) },
    "scale": { set(&$0.scale, divisors($1)) },
    "std": { set(&$0.scale, divisors($1)) },
    "channels": { set(&$0.channels, ChannelOrder(rawValue: $1)) },
    "layout": { set(&$0.layout, Layout(rawValue: $1)) },
  ]

  private static func set<Value>(_ property: inout Value, _ value: Value?) -> Bool {
    guard let value else { return false }
    property = value
    return true
  }

  private static func set<Value>(_ property: inout Value?, _ value: Value?) -> Bool {
    guard let value else { return false }
    property = value
    return true
  }

  private static func numbers(_ text: String) -> [Double]? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Double($0) }.filter(\.isFinite)
    return numbers.count == parts.count ? numbers : nil
  }

  private static func divisors(_ text: String) -> [Double]? {
    numbers(text).flatMap { $0.contains(0) ? nil : $0 }
  }
}

extension Diagnostic.Message {
  fileprivate static func unknownKey(_ part: String) -> Self {
    Self(id: "preprocessing", .usage, "there is no preprocessing `\(part)`")
  }

  fileprivate static func badValue(_ part: String) -> Self {
    Self(id: "preprocessing", .usage, "preprocessing does not take `\(part)`")
  }
}
