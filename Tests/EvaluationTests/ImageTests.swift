import Support
import TestSupport
import Tensors
import Testing

import Evaluation

struct DecodedImageTests {
  /// The bytes of an image, its width and height, and its pixels.
  static let examples: [([UInt8], Int, Int, [UInt8])] = [
    (
      SampleFiles.rgbPNG, 3, 2,
      [255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30, 40, 50, 60, 70, 80, 90]
    ),
    (
      SampleFiles.interlacedPNG, 3, 2,
      [255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30, 40, 50, 60, 70, 80, 90]
    ),
    (SampleFiles.grayAlphaPNG, 2, 1, [9, 9, 9, 200, 200, 200]),
    (SampleFiles.palettePNG, 3, 1, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
    (SampleFiles.deepPNG, 1, 1, [128, 255, 0]),
    (SampleFiles.bitsPNG, 3, 1, [255, 255, 255, 0, 0, 0, 255, 255, 255]),
    (Array("P6 2 1 255\n".utf8) + [1, 2, 3, 4, 5, 6], 2, 1, [1, 2, 3, 4, 5, 6]),
    (
      Array("P5\n# gray\n2\n1 # one row\n100\n".utf8) + [100, 50], 2, 1,
      [255, 255, 255, 128, 128, 128]
    ),
    (Array("P5 1 1 65535 ".utf8) + [0x80, 0x80], 1, 1, [128, 128, 128]),
  ]

  @Test(arguments: 0..<examples.count)
  func pixelsAreThoseOfTheFile(index: Int) throws {
    let (bytes, width, height, pixels) = Self.examples[index]
    let image = try Self.decoded(bytes)
    #expect(image == DecodedImage(height: height, width: width, channels: 3, pixels: pixels))
  }

  /// JPEG rounds; one color is off by 2 at most.
  @Test(arguments: [
    (SampleFiles.flatJPEG, [200, 100, 50]), (SampleFiles.progressiveJPEG, [200, 100, 50]),
    (SampleFiles.grayJPEG, [90, 90, 90]),
  ])
  func pixelsOfPhotographsAreNear(bytes: [UInt8], color: [Int]) throws {
    let image = try Self.decoded(bytes)
    #expect(image.width == 16 && image.height == 8)
    for (index, number) in image.pixels.enumerated() {
      #expect(abs(Int(number) - color[index % 3]) <= 2)
    }
  }

  @Test func colorsForPrintingAreRefused() throws {
    #expect(try Self.problem(SampleFiles.cmykJPEG) == "image-colors")
  }

  /// A header that says 16385 × 1 pixels, and one of 16384 × 16384 in a file of a hundred bytes.
  @Test(arguments: [
    (0x4001, 1, "large-image"), (0x4000, 0x4001, "large-image"), (0x4000, 0x4000, "damaged-image"),
  ])
  func extentsHaveLimits(width: Int, height: Int, id: String) throws {
    var png = SampleFiles.rgbPNG
    for (place, extent) in [(16, width), (20, height)] {
      for byte in 0..<4 { png[place + byte] = UInt8(extent >> (24 - 8 * byte) & 0xff) }
    }
    png.replaceSubrange(29..<33, with: Self.checksum(png[12..<29]))
    #expect(try Self.problem(png) == id)
    #expect(try Self.problem(Array("P6 \(width) \(height) 255 ".utf8)) == id)
  }

  @Test(arguments: [
    "P6", "P6 0 1 255 ", "P6 1 1 0 ", "P6 1 1 65536 ", "P6 99999999999 1 255 ", "P6 a",
    "P5 1 1 255",
  ])
  func wrongHeadersAreReported(text: String) throws {
    #expect(try Self.problem(Array(text.utf8)) == "damaged-image")
  }

  @Test(arguments: 0..<SampleFiles.images.count)
  func truncatedImagesAreReported(index: Int) throws {
    let bytes = SampleFiles.images[index]
    // Behind the pixels may come what nobody reads.
    for count in 0..<bytes.count - 20 {
      let id = try Self.problem(Array(bytes.prefix(count)))
      #expect(["damaged-image", "image-colors"].contains(id), "\(count) of \(bytes.count) bytes")
    }
  }

  @Test(arguments: 0..<TestFiles.mutations)
  func damageIsReportedOrHarmless(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    var bytes = SampleFiles.images[seed % SampleFiles.images.count]
    for _ in 0..<1 + seed / 10 % 4 {
      bytes[Int(generator.next() % UInt64(bytes.count))] = UInt8(
        truncatingIfNeeded: generator.next())
    }
    let id = try Self.problem(bytes)
    #expect(["", "damaged-image", "large-image", "image-colors"].contains(id))
  }

  private static func problem(_ bytes: [UInt8]) throws -> String {
    try withFile(bytes) { path in Fixture.problem { try DecodedImage(path) } }
  }

  private static func decoded(_ bytes: [UInt8]) throws -> DecodedImage {
    try withFile(bytes) { try DecodedImage($0) }
  }

  private static func withFile<Result>(
    _ bytes: [UInt8], _ body: (String) throws -> Result
  ) throws -> Result {
    try TestFiles.withFolder { folder in
      try FileBytes.write(bytes, to: "\(folder)/image")
      return try body("\(folder)/image")
    }
  }

  /// CRC-32, most significant byte first, as chunks of PNG end with it.
  private static func checksum(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    let sum = ~bytes.reduce(UInt32.max) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum >> 1 ^ (sum & 1 == 1 ? 0xedb8_8320 : 0) }
    }
    return [24, 16, 8, 0].map { UInt8(sum >> $0 & 0xff) }
  }
}

struct ImageResizeTests {
  /// Source: `tf.image.resize([[0, 1], [2, 3]], [4, 4], "bilinear")` has the first row 0, 0.25, 0.75, 1.
  @Test func pixelsLieInTheMiddleOfTheirSquares() {
    let image = DecodedImage(height: 2, width: 2, channels: 1, pixels: [0, 1, 2, 3])
    let found = ImageResize(from: image.box, height: 4, width: 4, .bilinear).resized(image)
    #expect(Array(found.prefix(4)) == [0, 0.25, 0.75, 1])
    #expect(Array(found.suffix(4)) == [2, 2.25, 2.75, 3])
  }

  @Test(arguments: Preprocessing.Interpolation.allCases)
  func anImageOfTheRightSizeStaysAsItIs(interpolation: Preprocessing.Interpolation) {
    let image = Self.image(height: 5, width: 4)
    let found = ImageResize(from: image.box, height: 5, width: 4, interpolation).resized(image)
    #expect(found == image.pixels.map { Float($0) })
  }

  @Test(arguments: Preprocessing.Interpolation.allCases, [(1, 1), (3, 7), (20, 9)])
  func numbersAreWeightedMeansOfTheirNeighbours(
    interpolation: Preprocessing.Interpolation, size: (height: Int, width: Int)
  ) {
    let image = Self.image(height: 11, width: 8)
    let box = ImageBox(top: 2, left: 1, height: 7, width: 6)
    let found = ImageResize(
      from: box, height: size.height, width: size.width, interpolation
    ).resized(image)
    for y in 0..<size.height {
      for x in 0..<size.width {
        for channel in 0..<3 {
          let expected = Self.number(image, box, size, y, x, channel, interpolation)
          #expect(abs(Double(found[(y * size.width + x) * 3 + channel]) - expected) < 1e-3)
        }
      }
    }
  }

  /// Over all pixels of the box, each with the weight that its distance has.
  private static func number(
    _ image: DecodedImage, _ box: ImageBox, _ size: (height: Int, width: Int), _ y: Int, _ x: Int,
    _ channel: Int, _ interpolation: Preprocessing.Interpolation
  ) -> Double {
    let placeY = (Double(y) + 0.5) * Double(box.height) / Double(size.height) - 0.5
    let placeX = (Double(x) + 0.5) * Double(box.width) / Double(size.width) - 0.5
    var (sum, weights) = (0.0, 0.0)
    for row in 0..<box.height {
      for column in 0..<box.width {
        let weight =
          kernel(placeY - Double(row), interpolation)
          * kernel(placeX - Double(column), interpolation)
        let index = ((box.top + row) * image.width + box.left + column) * 3 + channel
        sum += weight * Double(image.pixels[index])
        weights += weight
      }
    }
    return sum / weights
  }

  private static func kernel(_ x: Double, _ interpolation: Preprocessing.Interpolation) -> Double {
    let d = abs(x)
    if interpolation == .bilinear { return d < 1 ? 1 - d : 0 }
    if d < 1 { return 1.5 * d * d * d - 2.5 * d * d + 1 }
    return d < 2 ? -0.5 * d * d * d + 2.5 * d * d - 4 * d + 2 : 0
  }

  private static func image(height: Int, width: Int) -> DecodedImage {
    var generator = SeededGenerator(seed: 4)
    let pixels = (0..<height * width * 3).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    return DecodedImage(height: height, width: width, channels: 3, pixels: pixels)
  }
}
