import Quantization
import Support
import Testing

/// Networks whose layers are stored under different schemes: on integers they compute what was simulated.
struct MixedSchemesTests {
  /// A convolution, a pool that is not of the whole image, an enlargement, and two branches that are joined.
  private static let averages = """
    graph averages(%x: f32[1, 8, 8, 4]) {
      %w1 = constant(random(1)) : f32[4, 3, 3, 4]
      %b1 = constant(random(2)) : f32[4]
      %w2 = constant(random(3)) : f32[4, 1, 1, 4]
      %b2 = constant(random(4)) : f32[4]
      %w3 = constant(random(5)) : f32[6, 128]
      %b3 = constant(random(6)) : f32[6]
      %conv = conv2d(%x, %w1, %b1) {padding: "same"} : f32[1, 8, 8, 4] from A 0
      %pool = average_pool2d(%conv) {kernel: [4, 4], stride: [4, 4]} : f32[1, 2, 2, 4] from B 1
      %large = resize_bilinear(%pool) {size: [4, 4]} : f32[1, 4, 4, 4] from C 2
      %point = conv2d(%large, %w2, %b2) : f32[1, 4, 4, 4] from D 3
      %both = concatenation(%large, %point) {axis: 3} : f32[1, 4, 4, 8] from E 4
      %flat = reshape(%both) {shape: [1, 128]} : f32[1, 128] from F 5
      %y = fully_connected(%flat, %w3, %b3) : f32[1, 6] from G 6
      return %y
    }
    """
  private static let layers = ["conv", "pool", "large", "point", "both", "flat", "y"]
  private static let schemes = ["int8", "int16x8", "float"]

  @Test(arguments: 0..<200)
  func integersComputeWhatWasSimulated(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let rules = Self.layers.map { ($0, Self.schemes.randomElement(using: &generator) ?? "int8") }
    let model = try QuantizedModel(Self.averages, "int8", rules: rules)
    let simulated = try model.quantizedGraph()
    let decibels = try signalToNoise(model.integerGraph(), simulated)
    // Means and sums in steps of 8 bits are rounded once more than simulated.
    #expect(decibels > 26, "\(rules)")
  }
}
