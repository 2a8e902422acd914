import Exporting
import GraphIR
import ONNXSchema
import TestSupport
import Testing

/// What transformers are made of, written as the operators that version 23 of the standard has for it.
struct ONNXAttentionTests {
  @Test func blocksAreWrittenWithTheirOperators() throws {
    let model = try exported(
      """
      graph block(%x: f32[2, 3, 5, 8], %mask: f32[5, 5]) {
        %c = constant(random(1)) : f32[2, 1, 5, 4]
        %s = constant(random(2)) : f32[2, 1, 5, 4]
        %g = constant(random(3)) : f32[8]
        %n = rms_normalization(%x, %g) {axis: -1} : f32[2, 3, 5, 8]
        %q = rotary_embedding(%n, %c, %s) : f32[2, 3, 5, 8]
        %y = attention(%q, %q, %n, %mask) {scale: 0.35} : f32[2, 3, 5, 8]
        return %y
      }
      """, within: 1e-6)
    #expect(
      model.nodeList == """
        n = RMSNormalization(x, g)
        q/Reshape = Reshape(c, q/shape)
        q/Reshape_2 = Reshape(s, q/shape)
        q = RotaryEmbedding(n, q/Reshape, q/Reshape_2)
        y/Reshape = Reshape(mask, y/shape)
        y = Attention(q, q, n, y/Reshape)
        """)
    #expect(model.version == 23 && model.irVersion == 11)
  }

  /// Heads with angles of their own are batches, and so is all that is in front of other than four axes.
  @Test(arguments: [
    ("f32[2, 3, 5, 8]", "f32[1, 3, 5, 3]"), ("f32[2, 3, 5, 8]", "f32[5, 4]"),
    ("f32[4, 5, 8]", "f32[5, 4]"), ("f32[5, 8]", "f32[1, 2]"),
    ("f32[2, 1, 3, 5, 8]", "f32[3, 1, 4]"),
  ])
  func anglesGoWithAnyAxes(x: String, angles: String) throws {
    for isInterleaved in [false, true] {
      try exported(
        """
        graph turn(%x: \(x), %c: \(angles), %s: \(angles)) {
          %y = rotary_embedding(%x, %c, %s) {isInterleaved: \(isInterleaved)} : \(x)
          return %y
        }
        """, within: 1e-6)
    }
  }

  @Test(arguments: ["f32[5, 6]", "f32[3, 1, 6]", "f32[2, 1, 5, 1]", "f32[1, 1, 5, 6]", "f32[6]"])
  func masksOfAnyShapeAreBroadcast(mask: String) throws {
    try exported(
      """
      graph masked(%q: f32[2, 3, 5, 8], %k: f32[2, 3, 6, 8], %mask: \(mask)) {
        %y = attention(%q, %k, %k, %mask) {scale: 0.35} : f32[2, 3, 5, 8]
        return %y
      }
      """, within: 1e-6)
  }

  @Test(arguments: ["", "4, ", "2, 3, ", "2, 1, 3, "])
  func matricesWithAnyAxesInFrontAreHeads(leading: String) throws {
    try exported(
      """
      graph heads(%q: f32[\(leading)5, 8], %k: f32[\(leading)6, 8], %mask: f32[5, 6]) {
        %y = attention(%q, %k, %k, %mask) {scale: 0.35} : f32[\(leading)5, 8]
        return %y
      }
      """, within: 1e-6)
  }

  /// Without anything that asks for a later version, files stay as old as they can be.
  @Test func normalizationsAloneAskForNoVersion() throws {
    let model = try exported(
      """
      graph norm(%x: f32[2, 8]) {
        %y = rms_normalization(%x) {axis: -1} : f32[2, 8]
        return %y
      }
      """, within: 1e-6)
    #expect(model.version == 13 && model.counts["RMSNormalization"] == nil)
  }
}
