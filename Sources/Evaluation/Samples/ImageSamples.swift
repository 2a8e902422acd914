import GraphIR
import Support
import Tensors

/// Samples in image files.
struct ImageSamples: SampleReader {
  private let paths: [String]
  private let layout: ImageLayout
  private let conversion: SampleConversion
  private let preprocessing: Preprocessing

  /// - Throws: a `Diagnostic` if the input takes no images.
  init(_ paths: [String], for input: Value, _ preprocessing: Preprocessing) throws {
    layout = try ImageLayout(of: input, declared: preprocessing.layout)
    // Numbers are resized in 4 bytes, converted in 8, and stored in up to 8.
    try MemoryLimit.check(20 * input.type.elementCount, for: "images of the input's size")
    conversion = try SampleConversion(to: input, preprocessing)
    self.paths = paths
    self.preprocessing = preprocessing
  }

  var count: Int { paths.count }

  func tensor(at index: Int) throws -> Tensor {
    let image = try DecodedImage(paths[index])
    let colors = layout.channels == 1 ? image.gray : image
    let box = preprocessing.crop.map { colors.box(keeping: $0, layout) } ?? colors.box
    let pixels = ImageResize(
      from: box, height: layout.height, width: layout.width, preprocessing.interpolation
    ).resized(colors)
    return conversion.tensor(laidOut(pixels))
  }

  /// The numbers of an image [height][width][channels], red first, in the order of the input.
  private func laidOut(_ pixels: [Float]) -> [Double] {
    guard layout.isChannelsFirst || preprocessing.channels == .bgr else {
      return pixels.map { Double($0) }
    }
    return pixels.indices.map { index in
      Double(pixels[layout.pixelIndex(of: index, preprocessing.channels)])
    }
  }
}
