import ImageFiles
import Support

/// The pixels of an image file.
package struct DecodedImage: Hashable, Sendable {
  package let height: Int
  package let width: Int
  /// 3 for red, green and blue; 1 for gray.
  package let channels: Int
  /// [height][width][channels].
  package let pixels: [UInt8]

  /// Pixels that are known.
  ///
  /// - Precondition: there are as many as the extents say.
  package init(height: Int, width: Int, channels: Int, pixels: [UInt8]) {
    precondition(pixels.count == height * width * channels, "each pixel has its channels")
    self.height = height
    self.width = width
    self.channels = channels
    self.pixels = pixels
  }

  /// The image in the file at `path`, whatever its ending: PNG, JPEG, binary PPM or PGM.
  ///
  /// - Throws: a `Diagnostic` if the file cannot be read, or is no image, damaged, or too large.
  package init(_ path: String) throws {
    let file = try FileBytes(mapping: path)
    self = try locating(in: Diagnostic.Place(file: path)) {
      let isPortable = [UInt8(ascii: "5"), UInt8(ascii: "6")].contains(file.bytes.dropFirst().first)
      return try isPortable && file.bytes.first == UInt8(ascii: "P")
        ? PortablePixmap.decoded(file.bytes) : Self.decoded(file.bytes)
    }
  }

  private static func decoded(_ bytes: UnsafeRawBufferPointer) throws -> DecodedImage {
    var image = image_pixels()
    let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    let outcome = image_decode(start, Int64(bytes.count), &image)
    defer { image_free(&image) }
    if let message = Diagnostic.Message.problem(outcome) { throw Diagnostic(message) }
    let (height, width) = (Int(image.height), Int(image.width))
    let pixels = UnsafeBufferPointer(start: image.pixels, count: 3 * height * width)
    return DecodedImage(height: height, width: width, channels: 3, pixels: Array(pixels))
  }

  /// The image in gray: Rec. 601's luma, `0.299 · red + 0.587 · green + 0.114 · blue`, rounded.
  package var gray: DecodedImage {
    guard channels == 3 else { return self }
    let luma = stride(from: 0, to: pixels.count, by: 3).map { index in
      let sum =
        299 * Int(pixels[index]) + 587 * Int(pixels[index + 1]) + 114 * Int(pixels[index + 2])
      return UInt8((sum + 500) / 1000)
    }
    return DecodedImage(height: height, width: width, channels: 1, pixels: luma)
  }

  /// All of it.
  package var box: ImageBox { ImageBox(top: 0, left: 0, height: height, width: width) }

  /// A part of the largest box in the middle that has the aspect ratio of `layout`; of one pixel at least.
  func box(keeping part: Double, _ layout: ImageLayout) -> ImageBox {
    let ratio = min(
      Double(height) / Double(layout.height), Double(width) / Double(layout.width))
    let boxHeight = min(height, max(1, Int((Double(layout.height) * ratio * part).rounded())))
    let boxWidth = min(width, max(1, Int((Double(layout.width) * ratio * part).rounded())))
    return ImageBox(
      top: (height - boxHeight) / 2, left: (width - boxWidth) / 2, height: boxHeight,
      width: boxWidth)
  }
}

/// A part of an image, in pixels.
package struct ImageBox: Hashable, Sendable {
  package let top: Int
  package let left: Int
  package let height: Int
  package let width: Int

  /// A box of positive extents.
  package init(top: Int, left: Int, height: Int, width: Int) {
    self.top = top
    self.left = left
    self.height = height
    self.width = width
  }
}

extension Diagnostic.Message {
  /// What is wrong with an image; nil if nothing is.
  fileprivate static func problem(_ outcome: image_outcome) -> Self? {
    switch outcome {
    case image_decoded: nil
    case image_of_unknown_kind: damaged("begins like no PNG, JPEG or binary PPM or PGM file")
    case image_too_large: tooLarge
    case image_of_unknown_colors: unknownColors
    case image_out_of_memory: outOfMemory
    default: damaged("is damaged, or ends early")
    }
  }

  /// An image that breaks the rules of its format.
  package static func damaged(_ text: String) -> Self {
    Self(id: "damaged-image", .malformed, text)
  }

  /// An image beyond `image_largest_extent` or `image_most_pixels`.
  package static var tooLarge: Self {
    Self(
      id: "large-image", .unsupported,
      "is an image of more than \(image_largest_extent) pixels in a row, or of "
        + "\(image_most_pixels) in all")
  }

  private static var unknownColors: Self {
    Self(
      id: "image-colors", .unsupported,
      "has colors for printing (CMYK), or others that do not become red, green and blue")
  }

  private static var outOfMemory: Self {
    Self(id: "large-image", .unsupported, "is an image for which memory does not suffice")
  }
}
