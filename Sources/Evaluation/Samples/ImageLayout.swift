import GraphIR
import Support
import Tensors

/// How an image lies in the input of a model.
struct ImageLayout: Hashable, Sendable {
  let height: Int
  let width: Int
  /// 3, or 1 for gray.
  let channels: Int
  let isChannelsFirst: Bool

  /// - Throws: a `Diagnostic` if an input of this shape takes no images, or might take them in two ways.
  init(of input: Value, declared: Preprocessing.Layout?) throws {
    let extents = input.type.shape.extents
    let image = extents.count == 4 && extents[0] == 1 ? Array(extents.dropFirst()) : extents
    // Without an axis for channels, the image is gray.
    let shape = image.count == 2 ? image + [1] : image
    guard shape.count == 3, let first = shape.first, let last = shape.last, !shape.contains(0)
    else { throw Self.notImage(input) }
    let fits = (first: [1, 3].contains(first), last: [1, 3].contains(last))
    guard declared != nil || fits.first != fits.last else {
      throw fits.first
        ? Diagnostic(
          .ambiguous(input.name, input.type.shape),
          help: "say which with `--preprocess layout=nchw` or `layout=nhwc`")
        : Self.notImage(input)
    }
    isChannelsFirst = declared.map { $0 == .nchw } ?? fits.first
    guard isChannelsFirst ? fits.first : fits.last else { throw Self.notImage(input) }
    channels = isChannelsFirst ? first : last
    height = isChannelsFirst ? shape[1] : shape[0]
    width = isChannelsFirst ? shape[2] : shape[1]
  }

  /// Where in an image [height][width][channels], red first, the number stands that a tensor has at `index`.
  func pixelIndex(of index: Int, _ order: Preprocessing.ChannelOrder) -> Int {
    let pixel = isChannelsFirst ? index % (height * width) : index / channels
    let channel = isChannelsFirst ? index / (height * width) : index % channels
    return pixel * channels + (order == .bgr ? channels - 1 - channel : channel)
  }

  private static func notImage(_ input: Value) -> Diagnostic {
    Diagnostic(
      .notImage(input.name, input.type.shape),
      help: "prepare the samples yourself, and give them as a .npy file")
  }
}

extension Diagnostic.Message {
  fileprivate static func notImage(_ name: String, _ shape: Shape) -> Self {
    Self(
      id: "image-input", .malformed,
      "the input `\(name)` of shape \(shape) takes no image: a batch of 1, and 1 or 3 channels")
  }

  fileprivate static func ambiguous(_ name: String, _ shape: Shape) -> Self {
    Self(
      id: "ambiguous-layout", .usage,
      "the input `\(name)` of shape \(shape) may have its channels first or last")
  }
}
