import Testing

import Quantization

/// Schemes as users write them.
struct SchemeTextTests {
  @Test(arguments: QuantizationScheme.named.map(\.name))
  func namedSchemesAreWrittenByTheirName(name: String) throws {
    let scheme = try QuantizationScheme(name)
    #expect(scheme == QuantizationScheme.named.first { $0.name == name }?.scheme)
    #expect(scheme.text == name)
  }

  @Test(arguments: [
    "w3a8,weights=group:16,scales=power-of-two", "int8,weights=tensor", "w2a4", "w8a16", "w7",
    "int8,weights=asymmetric,activations=symmetric", "int16x8,activations=asymmetric",
    "w4,weights=group:32", "fp8,weights=tensor", "w5a10", "dynamic,weights=tensor",
    "w4a8,weights=group:999999", "mxfp4", "f16", "fp8,scales=power-of-two",
  ])
  func otherSchemesAreReadBack(text: String) throws {
    let scheme = try QuantizationScheme(text)
    #expect(try QuantizationScheme(scheme.text) == scheme, "\(scheme.text)")
  }

  @Test func changesApplyInTheOrderInWhichTheyStand() throws {
    let scheme = try QuantizationScheme("w3a8,weights=group:16,scales=power-of-two")
    let weights = TensorScheme(
      .integer(bits: 3), .group(16), isSymmetric: true, hasPowerOfTwoScales: true)
    let activations = TensorScheme(
      .integer(bits: 8), isSymmetric: false, hasPowerOfTwoScales: true)
    #expect(scheme == QuantizationScheme(weights: weights, activations: activations))
    let last = try QuantizationScheme("int8,weights=tensor,weights=channel")
    #expect(last == .integers(weights: 8, activations: 8))
  }

  @Test func numbersOfBitsTellWhatIsStored() throws {
    let scheme = try QuantizationScheme("w4a12")
    #expect(scheme.bitWidths == (weights: 4, activations: 12) && scheme.isInteger)
    #expect(scheme.activations?.isSymmetric == true, "no zero points above 8 bits")
    let weights = try QuantizationScheme("w4")
    #expect(weights.bitWidths == (weights: 4, activations: 32) && !weights.isInteger)
    #expect(QuantizationScheme.float.bitWidths == (weights: 32, activations: 32))
  }

  @Test(arguments: [
    "", ",", "int9", "INT8", " int8", "w1a8", "w9a8", "w8a3", "w8a17", "w4a", "a8", "w4a08",
    "int8,", "int8,weights", "int8,weights=group:0", "int8,weights=group:-1", "int8,int8",
    "int8,weights=group:1000000", "int8,weights=group:", "int8,scales=2", "w４a8", "int8\n",
  ])
  func whatIsNoSchemeIsRefused(text: String) {
    // Commas at the end separate nothing.
    if text == "int8," { return #expect((try? QuantizationScheme(text))?.text == "int8") }
    #expect(diagnosticID { try QuantizationScheme(text) } == "no-such-scheme")
  }
}
