import ImageFiles
import Support

/// Reads binary PPM and PGM files: `P6` for red, green and blue, `P5` for gray.
///
/// Source: the manual pages ppm(5) and pgm(5) of Netpbm.
enum PortablePixmap {
  /// The first image in the bytes; more may follow. Gray becomes three equal channels.
  ///
  /// - Throws: a `Diagnostic` if they end early, or the header is not what it must be.
  static func decoded(_ bytes: UnsafeRawBufferPointer) throws -> DecodedImage {
    var header = Header(bytes)
    let channels = bytes[1] == UInt8(ascii: "6") ? 3 : 1
    guard let width = header.number(), let height = header.number(), let largest = header.number(),
      width > 0, height > 0, (1...65535).contains(largest)
    else { throw Diagnostic(.damaged("has a header without width, height and largest number")) }
    guard max(width, height) <= Int(image_largest_extent),
      width * height <= Int(image_most_pixels)
    else { throw Diagnostic(.tooLarge) }
    // A single white space stands before the pixels.
    let start = header.position + 1
    let sampleBytes = largest > 255 ? 2 : 1
    let count = width * height * channels
    guard bytes.count - start >= count * sampleBytes else {
      throw Diagnostic(.damaged("ends before the image does"))
    }
    let samples = (0..<count).map { index in
      let place = start + index * sampleBytes
      let number =
        sampleBytes == 1 ? Int(bytes[place]) : Int(bytes[place]) << 8 | Int(bytes[place + 1])
      return UInt8(min(255, (number * 255 + largest / 2) / largest))
    }
    let pixels = channels == 3 ? samples : samples.flatMap { [$0, $0, $0] }
    return DecodedImage(height: height, width: width, channels: 3, pixels: pixels)
  }

  /// Numbers between white space and comments, from the third byte on.
  private struct Header {
    let bytes: UnsafeRawBufferPointer
    var position = 2

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The next number, of up to five digits; nil if something else stands there.
    mutating func number() -> Int? {
      skipSpace()
      let digits = bytes[position...].prefix(6).prefix {
        (UInt8(ascii: "0")...UInt8(ascii: "9")) ~= $0
      }
      position += digits.count
      return (1...5).contains(digits.count) ? Int(String(decoding: digits, as: UTF8.self)) : nil
    }

    private mutating func skipSpace() {
      while position < bytes.count {
        if bytes[position] == UInt8(ascii: "#") {
          position += bytes[position...].prefix { $0 != UInt8(ascii: "\n") }.count
        } else if [9, 10, 11, 12, 13, 32].contains(bytes[position]) {
          position += 1
        } else {
          return
        }
      }
    }
  }
}
