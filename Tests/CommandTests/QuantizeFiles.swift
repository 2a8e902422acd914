import Support
import TestSupport
import Tensors
import Testing

/// A float network and samples for it, in a folder that is theirs.
struct QuantizeFiles {
  /// Of two layers.
  static let network = """
    graph main(%x: f32[1, 4, 4, 3]) {
      %v = constant(random(1)) : f32[4, 3, 3, 3]
      %b = constant(random(2)) : f32[4]
      %w = constant(random(3)) : f32[5, 64]
      %c = constant(random(4)) : f32[5]
      %conv = conv2d(%x, %v, %b) {clamp: [0, null], padding: "same"} : f32[1, 4, 4, 4] from CONV_2D 0
      %flat = reshape(%conv) {shape: [1, 64]} : f32[1, 64] from RESHAPE 1
      %y = fully_connected(%flat, %w, %c) : f32[1, 5] from FULLY_CONNECTED 2
      return %y
    }

    """

  let folder: String

  var model: String { path("tiny.graph") }
  var data: String { path("x.npy") }

  func path(_ name: String) -> String { "\(folder)/\(name)" }

  func quantize(to name: String, from data: String = "x.npy") -> [String] {
    ["quantize", model, "--calibration", path(data), "-o", path(name)]
  }

  func write(_ tensor: Tensor) throws {
    try FileBytes.write(NumPyFile.bytes(of: tensor), to: data)
  }

  /// A message on standard error, and nothing on standard output.
  @discardableResult
  func expect(_ status: Int32, _ arguments: [String]) throws -> DovetailCommand.Result {
    let result = try DovetailCommand.run(arguments)
    #expect(result.status == status, "\(arguments): \(result.messages)")
    #expect(result.output.isEmpty && !result.messages.isEmpty, "\(arguments)")
    return result
  }

  /// Calls `body` with the files of a network, and samples of what it reads.
  static func with(
    _ network: String = network, samples: Shape = [8, 4, 4, 3],
    _ body: (QuantizeFiles) throws -> Void
  ) throws {
    try TestFiles.withFolder { folder in
      let files = QuantizeFiles(folder: folder)
      try FileBytes.write(Array(network.utf8), to: files.model)
      try files.write(Tensor.random(TensorType(.f32, samples), seed: 5))
      try body(files)
    }
  }
}
