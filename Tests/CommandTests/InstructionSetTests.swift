import Foundation
import TestSupport
import Testing

/// Every instruction set of the inner loops gives the same bits.
struct InstructionSetTests {
  /// What `DOVETAIL_ISA` can ask for here; a processor that lacks a set runs the next best.
  private static var names: [String] {
    #if arch(x86_64)
      ["avx2", "avx512"]
    #elseif arch(arm64)
      ["neon", "neon-dot"]
    #else
      []
    #endif
  }

  @Test(arguments: names)
  func exampleHasTheValuesOfTheScalarLoops(name: String) throws {
    let arguments = [Example.model, "--all-values"]
    #expect(try Self.results(arguments, name) == Self.results(arguments, "scalar"))
  }

  /// Floats, asymmetric weights, unsigned bytes, strides, dilations, and channels that fill no vector.
  @Test(arguments: names)
  func otherOperatorsHaveTheValuesOfTheScalarLoops(name: String) throws {
    try TestFiles.withFolder { folder in
      let path = "\(folder)/net.graph"
      try Self.network.write(toFile: path, atomically: true, encoding: .utf8)
      let arguments = [path, "--all-values"]
      #expect(try Self.results(arguments, name) == Self.results(arguments, "scalar"))
    }
  }

  /// The files that a run with one instruction set writes.
  private static func results(_ arguments: [String], _ name: String) throws -> [String: Data] {
    try TestFiles.withFolder { folder in
      let result = try DovetailCommand.run(
        ["run", "--quiet", "--output-dir", folder, "--seed", "7"] + arguments,
        environment: ["DOVETAIL_ISA": name])
      #expect(result.status == 0, "\(result.messages)")
      let files = try contents(of: folder)
      #expect(files.count > 4)
      return files
    }
  }

  private static let network = """
    graph network(%u: u8<0.05:120>[1, 13, 11, 7], %f: f32[1, 9, 10, 5]) {
      %w0 = constant(random(1)) : u8<0.01:131>[21, 3, 3, 7]
      %u0 = conv2d(%u, %w0) {stride: [2, 1], padding: "same"} : u8<0.06:100>[1, 7, 11, 21]
      %w1 = constant(random(2)) : u8<0.01:127>[1, 3, 3, 42]
      %u1 = depthwise_conv2d(%u0, %w1) {dilation: [1, 2]} : u8<0.04:130>[1, 5, 7, 42]
      %u2 = average_pool2d(%u1) {kernel: [2, 3], stride: [1, 2]} : u8<0.04:130>[1, 4, 3, 42]
      %w3 = constant(random(3)) : f32[19, 3, 2, 5]
      %f0 = conv2d(%f, %w3) {dilation: [2, 1]} : f32[1, 5, 9, 19]
      %w4 = constant(random(4)) : f32[1, 3, 3, 19]
      %f1 = depthwise_conv2d(%f0, %w4) {padding: "same"} : f32[1, 5, 9, 19]
      return %u2, %f1
    }
    """
}
