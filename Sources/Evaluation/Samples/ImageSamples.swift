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
    return conversion.tensor { Double(pixels[layout.pixelIndex(of: $0, preprocessing.channels)]) }
  }
}
