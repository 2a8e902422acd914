import Dispatch
import Support
import TestSupport
import Tensors
import Testing

import Evaluation

struct SamplesTests {
  private static let pair = TensorType(.f32, [1, 2])

  @Test func theFirstAxisCountsSamples() throws {
    let data = Tensor(TensorType(.f32, [3, 2]), numbers: [0, 1, 2, 3, 4, 5])
    try Fixture.withFile(data) { path in
      let samples = try Samples(.files([SampleFile(path: path)], limit: nil), Self.pair)
      #expect(samples.count == 3)
      #expect(!samples.isNoise)
      #expect(samples.labels == nil)
      let read = try (0..<3).map { try samples.inputs(at: $0) }
      #expect(read.map(\.count) == [1, 1, 1])
      #expect(read.allSatisfy { $0[0].type == Self.pair })
      #expect(read.map { $0[0].storedNumbers } == [[0, 1], [2, 3], [4, 5]])
      let limited = try Samples(.files([SampleFile(path: path)], limit: 2), Self.pair)
      #expect(limited.count == 2)
      #expect(limited.available == 3)
    }
  }

  @Test func noiseIsSeededAndSaidToBeNoise() throws {
    let samples = try Samples(.noise(count: 5, seed: 3), Self.pair, TensorType(.i8, [4]))
    #expect(samples.isNoise && samples.count == 5)
    #expect(try samples.inputs(at: 0)[0] == .random(Self.pair, seed: 3))
    #expect(try samples.inputs(at: 1) != samples.inputs(at: 2))
    #expect(try samples.inputs(at: 4) == samples.inputs(at: 4))
  }

  @Test func eachInputHasItsFile() throws {
    let a = Tensor(TensorType(.f32, [2, 2]), numbers: [0, 1, 2, 3])
    let b = Tensor(TensorType(.i8, [2]), numbers: [7, 8])
    try Fixture.withFile(a) { first in
      try Fixture.withFile(b) { second in
        let files = [SampleFile(name: "x1", path: second), SampleFile(name: "x0", path: first)]
        let types = [Self.pair, TensorType(.i8, [1])]
        let samples = try Samples(.files(files, limit: nil), types)
        #expect(try samples.inputs(at: 1).map(\.storedNumbers) == [[2, 3], [8]])
        #expect(
          Fixture.problem { try Samples(.files([files[0]], limit: nil), types) } == "no-samples")
      }
    }
  }

  @Test func numbersOfSamplesMustAgree() throws {
    let three = Tensor(TensorType(.f32, [3, 2]), numbers: [0, 1, 2, 3, 4, 5])
    let two = Tensor(TensorType(.f32, [2, 2]), numbers: [0, 1, 2, 3])
    try Fixture.withFile(three) { first in
      try Fixture.withFile(two) { second in
        let files = [SampleFile(name: "x0", path: first), SampleFile(name: "x1", path: second)]
        let problem = Fixture.problem {
          try Samples(.files(files, limit: 1), [Self.pair, Self.pair])
        }
        #expect(problem == "sample-count")
      }
    }
  }

  static let wrongData: [(Tensor, String)] = [
    (Tensor(TensorType(.f32, [2, 3]), numbers: [0, 1, 2, 3, 4, 5]), "sample-shape"),
    (Tensor(TensorType(.f32, []), numbers: [1]), "sample-shape"),
    (Tensor(TensorType(.f32, [0, 2]), numbers: []), "no-samples"),
  ]

  @Test(arguments: 0..<wrongData.count)
  func whatDoesNotFitIsReported(index: Int) throws {
    let (data, id) = Self.wrongData[index]
    try Fixture.withFile(data) { path in
      let problem = Fixture.problem {
        try Samples(.files([SampleFile(path: path)], limit: nil), [Self.pair])
      }
      #expect(problem == id)
    }
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity], [ElementType.f16, .f32, .f64])
  func numbersThatAreNotFiniteAreReported(number: Double, element: ElementType) throws {
    let data = Tensor(TensorType(element, [2, 2]), numbers: [0, 1, 2, number])
    try Fixture.withFile(data) { path in
      let samples = try Samples(.files([SampleFile(path: path)], limit: nil), Self.pair)
      #expect(try samples.inputs(at: 0)[0].storedNumbers == [0, 1])
      let problem = try #require(throws: Diagnostic.self) { try samples.inputs(at: 1) }
      #expect(problem.message.id == "non-finite-sample")
      #expect(problem.message.text.hasPrefix("sample 1 has an element at position 1 "))
    }
  }

  /// A model of a few hundred bytes can have such an input.
  @Test func inputsThatNoMachineHoldsAreRefused() throws {
    let huge = TensorType(.f32, [1, 1 << 19, 1 << 19, 3])
    #expect(Fixture.problem { try Samples(.noise(count: 1, seed: 0), huge) } == "too-much-memory")
    try TestFiles.withFolder { folder in
      try FileBytes.write(SampleFiles.rgbPNG, to: "\(folder)/a.png")
      let source = SampleSource.files([SampleFile(path: folder)], limit: nil)
      #expect(Fixture.problem { try Samples(source, huge) } == "too-much-memory")
    }
  }

  @Test func otherFilesAreReported() throws {
    try TestFiles.withFolder { folder in
      try FileBytes.write([1], to: "\(folder)/a.csv")
      let cases = [
        ("a.csv", "unknown-data"), ("b.npy", "unreadable-file"), ("b.npz", "unreadable-file"),
        ("", "no-images"),
      ]
      let image = TensorType(.f32, [1, 2, 2, 3])
      for (name, id) in cases {
        let source = SampleSource.files([SampleFile(path: "\(folder)/\(name)")], limit: nil)
        #expect(Fixture.problem { try Samples(source, [image]) } == id, "\(name)")
      }
    }
  }

  @Test func severalThreadsReadTheSame() throws {
    let data = Tensor.random(TensorType(.f32, [64, 50]), seed: 2)
    try Fixture.withFile(data) { path in
      let samples = try Samples(
        .files([SampleFile(path: path)], limit: nil),
        TensorType(.i8, [50], Quantization(scale: 0.1)))
      let alone = try (0..<64).map { try samples.inputs(at: $0) }
      DispatchQueue.concurrentPerform(iterations: 64) { index in
        #expect((try? samples.inputs(at: index)) == alone[index])
      }
    }
  }
}

struct LabelTests {
  private let samples: Samples

  init() throws { samples = try Samples(.noise(count: 3, seed: 1), TensorType(.f32, [1])) }

  @Test(arguments: [ElementType.u8, .i64, .f32])
  func labelsAreIndices(element: ElementType) throws {
    try Fixture.withFile(Tensor(TensorType(element, [3, 1]), numbers: [2, 0, 7])) { path in
      let labels = try Labels(path, for: samples)
      #expect(labels.classes == [2, 0, 7])
    }
  }

  @Test(arguments: [
    [1.0, 2], [1, 2, 3, 4], [0, -1, 2], [0, 0.5, 1], [0, .nan, 1], [0, 1e20, 1],
  ])
  func otherLabelsAreReported(numbers: [Double]) throws {
    try Fixture.withFile(Tensor(TensorType(.f64, Shape([numbers.count])), numbers: numbers)) {
      path in
      let problem = try #require(throws: Diagnostic.self) { try Labels(path, for: samples) }
      #expect(problem.message.id == (numbers.count == 3 ? "label-type" : "label-count"))
      #expect(problem.place.file == path)
    }
  }
}
