import Support
import TestSupport
import Tensors
import Testing

import Evaluation

struct ImageSamplesTests {
  private static let pixel = TensorType(.f32, [1, 1, 1, 3])

  @Test func imagesComeInTheOrderOfTheirNames() throws {
    try Self.withImages(["b.ppm": 2, "a.ppm": 1, "B.ppm": 3, "é.PPM": 4, ".hidden.ppm": 9]) {
      folder in
      try FileBytes.write([0], to: "\(folder)/notes.txt")
      let samples = try Samples(.files([SampleFile(path: folder)], limit: nil), Self.nhwc)
      let first = try (0..<samples.count).map { try samples.inputs(at: $0)[0].storedNumbers[0] }
      #expect(first == [3, 1, 2, 4])
      #expect(samples.labels == nil)
      let alone = SampleFile(path: "\(folder)/b.ppm")
      #expect(try Samples(.files([alone], limit: nil), Self.nhwc).count == 1)
    }
  }

  @Test func foldersAreClasses() throws {
    try Self.withImages(["cat/1.ppm": 1, "dog/1.ppm": 2, "dog/0.ppm": 3, "bird/x.txt": 0]) {
      folder in
      let samples = try Samples(.files([SampleFile(path: folder)], limit: 2), Self.nhwc)
      #expect(samples.count == 2 && samples.available == 3)
      #expect(samples.labels?.classes == [1, 2])
      #expect(try samples.inputs(at: 1)[0].storedNumbers[0] == 3)
    }
  }

  @Test func damagedImagesAreNamed() throws {
    try TestFiles.withFolder { folder in
      try FileBytes.write(SampleFiles.rgbPNG.prefix(50), to: "\(folder)/a.png")
      let samples = try Samples(.files([SampleFile(path: folder)], limit: nil), Self.nhwc)
      let problem = try #require(throws: Diagnostic.self) { try samples.inputs(at: 0) }
      #expect(problem.message.id == "damaged-image")
      #expect(problem.place.file == "\(folder)/a.png")
    }
  }

  private static let nhwc = TensorType(.f32, [1, 2, 3, 3])
  private static let nchw = TensorType(.f32, [1, 3, 2, 3])
  private static let gray = TensorType(.f32, [1, 2, 3, 1])

  /// Of `rgbPNG`: red, green, blue, and three others below.
  static let expectations: [(TensorType, String, [Double])] = [
    (TensorType(.f32, [1, 2, 3, 3]), "layout=nhwc", [255, 0, 0, 0, 255, 0]),
    (TensorType(.f32, [2, 3, 3]), "layout=nhwc,channels=bgr", [0, 0, 255, 0, 255, 0]),
    (TensorType(.f32, [1, 3, 2, 3]), "layout=nchw", [255, 0, 0, 10, 40, 70]),
    (TensorType(.f32, [1, 3, 2, 3]), "layout=nchw,channels=bgr", [0, 0, 255, 30, 60, 90]),
    (TensorType(.f32, [1, 2, 3, 1]), "layout=nhwc", [76, 150, 29, 18, 48, 78]),
    (TensorType(.f32, [2, 3]), "", [76, 150, 29, 18, 48, 78]),
    (
      TensorType(.i8, [1, 2, 3, 3], Quantization(scale: 1, zeroPoint: -128)), "layout=nhwc",
      [127, -128, -128, -128, 127, -128]
    ),
    (TensorType(.f32, [1, 3, 1, 1]), "layout=nchw,crop=0.4", [0, 255, 0]),
  ]

  @Test(arguments: 0..<expectations.count)
  func pixelsLieAsTheInputHasThem(index: Int) throws {
    let (type, text, expected) = Self.expectations[index]
    let found = try Self.numbers(type, text)
    #expect(Array(found.prefix(expected.count)) == expected)
  }

  @Test(arguments: [
    ([1, 3, 2, 3], "ambiguous-layout"), ([1, 1, 5, 1], "ambiguous-layout"),
    ([2, 4, 4, 3], "image-input"), ([1, 4, 4, 4], "image-input"), ([7], "image-input"),
    ([1, 4, 4, 3, 1], "image-input"),
  ])
  func otherInputsAreReported(extents: [Int], id: String) {
    let type = TensorType(.f32, Shape(extents))
    #expect(Fixture.problem { try Self.numbers(type, "") } == id)
  }

  private static func numbers(_ type: TensorType, _ preprocessing: String) throws -> [Double] {
    try TestFiles.withFolder { folder in
      try FileBytes.write(SampleFiles.rgbPNG, to: "\(folder)/a.png")
      let source = SampleSource.files([SampleFile(path: folder)], limit: nil)
      return try Samples(source, [type], Preprocessing(preprocessing)).inputs(at: 0)[0]
        .storedNumbers
    }
  }

  /// Images of one pixel, each gray of a number.
  private static func withImages(_ images: [String: UInt8], _ body: (String) throws -> Void) throws
  {
    try TestFiles.withFolder { folder in
      for (name, number) in images {
        if let slash = name.firstIndex(of: "/") {
          try FileBytes.createFolder("\(folder)/\(name[..<slash])")
        }
        try FileBytes.write(Array("P5 1 1 255 ".utf8) + [number], to: "\(folder)/\(name)")
      }
      try body(folder)
    }
  }
}
