import GraphIR
import Support
import Tensors

/// Inputs for runs of a model, one set of tensors a sample, read when asked for: memory does not grow with their number,
/// but for compressed archives.
public struct Samples: Sendable {
  /// How many there are to be run.
  public let count: Int
  /// How many the source holds; more than `count` if their number was limited.
  public let available: Int
  /// Whether they are seeded noise, of which no accuracy can be told and no good range learned.
  public let isNoise: Bool
  /// The right class of each sample, where images lie in a folder for each class; nil elsewhere.
  public let labels: Labels?
  /// In the order of the graph's inputs.
  private let readers: [any SampleReader]

  /// Finds the samples, and checks that they fit the graph.
  ///
  /// - Throws: a `Diagnostic` if a file cannot be read or is of no kind that is known, an input is left out, there are no
  ///   samples, or their shapes or numbers do not fit.
  public init(_ source: SampleSource, for graph: Graph, preprocessing: Preprocessing) throws {
    switch source {
    case .noise(let count, let seed):
      guard count > 0 else { throw Diagnostic(.noSamples) }
      // Noise is drawn as numbers of 8 bytes.
      let elementCount = graph.types(of: graph.inputs).map(\.elementCount).reduce(0, +)
      try MemoryLimit.check(8 * elementCount, for: "inputs of noise")
      self.init(
        Self.noise(for: graph, count: count, seed: seed), limit: nil, labels: nil, isNoise: true)
    case .files(let files, let limit):
      guard limit ?? 1 > 0 else { throw Diagnostic(.noSamples) }
      let given = try Self.given(files, for: graph, preprocessing)
      try Self.checkCounts(given.map(\.reader.count), of: graph)
      self.init(
        given.map(\.reader), limit: limit,
        labels: given.compactMap(\.labels).first, isNoise: false)
    }
  }

  private init(_ readers: [any SampleReader], limit: Int?, labels: Labels?, isNoise: Bool) {
    available = readers.map(\.count).min() ?? 0
    count = min(available, limit ?? .max)
    self.labels = labels?.first(count)
    self.isNoise = isNoise
    self.readers = readers
  }

  /// One tensor per input of the graph, in its order. May be called from several threads.
  ///
  /// - Throws: a `Diagnostic` if an image is damaged or data hold a number that is not finite.
  /// - Precondition: `index` is below `count`.
  public func inputs(at index: Int) throws -> [Tensor] {
    precondition(index < count, "there are only \(count) samples")
    return try readers.map { try $0.tensor(at: index) }
  }
}

extension Samples {
  /// A source of tensors for one input.
  typealias Given = (reader: any SampleReader, labels: Labels?)

  private static func given(
    _ files: [SampleFile], for graph: Graph, _ preprocessing: Preprocessing
  ) throws -> [Given] {
    let byInput = try files.reduce(into: [ValueID: SampleFile]()) { byInput, file in
      // An archive may hold arrays for all inputs, and needs no name then.
      if file.name.isEmpty, file.kind == .archive { return }
      byInput[try InputBinding.input(named: file.name, of: graph)] = file
    }
    let archive = files.first { $0.name.isEmpty && $0.kind == .archive }
    return try graph.inputs.map { id in
      let value = graph.values[id]
      guard let file = byInput[id] ?? archive else {
        throw Diagnostic(.noSamples(for: value.name), help: "give `\(value.name)=FILE` as well")
      }
      let place = Diagnostic.Place(file: file.path)
      return try locating(in: place) {
        let found = try given(file, for: value, isOnly: graph.inputs.count == 1, preprocessing)
        guard found.reader.count > 0 else { throw Diagnostic(.noSamples) }
        return (LocatedSamples(reader: found.reader, place: place), found.labels)
      }
    }
  }

  private static func given(
    _ file: SampleFile, for input: Value, isOnly: Bool, _ preprocessing: Preprocessing
  ) throws -> Given {
    switch file.kind {
    case .array:
      return (try ArraySamples(StoredArray(file.path), for: input, preprocessing), nil)
    case .archive:
      let archive = try ArrayArchive(file.path)
      let array = try archive.array(named: input.name, isOnly: isOnly || !file.name.isEmpty)
      return (try ArraySamples(array, for: input, preprocessing), nil)
    case .images:
      let folder = try ImageFolder(file.path)
      return (try ImageSamples(folder.paths, for: input, preprocessing), folder.labels)
    case nil:
      throw Diagnostic(
        .unknownData, help: "give a .npy or .npz file, or a folder of PNG, JPEG, PPM or PGM images")
    }
  }

  private static func checkCounts(_ counts: [Int], of graph: Graph) throws {
    guard let first = counts.first, first > 0 else { throw Diagnostic(.noSamples) }
    guard let other = counts.firstIndex(where: { $0 != first }) else { return }
    let names = graph.inputs.map { graph.values[$0].name }
    throw Diagnostic(
      .countsDiffer(names[0], first, names[other], counts[other]),
      help: "each sample needs a tensor for each input")
  }

  /// As `InputSequence` seeds steps: so far apart that no input has the seed of another in another sample.
  private static func noise(for graph: Graph, count: Int, seed: UInt64) -> [any SampleReader] {
    graph.inputs.enumerated().map { position, id in
      NoiseSamples(
        type: graph.values[id].type, count: count, seed: seed &+ UInt64(position))
    }
  }
}

/// Reads the tensors for one input of a graph.
protocol SampleReader: Sendable {
  /// How many there are.
  var count: Int { get }
  /// A tensor of the input's type. May be called from several threads.
  func tensor(at index: Int) throws -> Tensor
}

/// Samples of a file, which is named in what is wrong with them.
private struct LocatedSamples: SampleReader {
  let reader: any SampleReader
  let place: Diagnostic.Place

  var count: Int { reader.count }

  func tensor(at index: Int) throws -> Tensor {
    try locating(in: place) { try reader.tensor(at: index) }
  }
}

/// Seeded noise in place of data.
private struct NoiseSamples: SampleReader {
  let type: TensorType
  let count: Int
  let seed: UInt64

  func tensor(at index: Int) -> Tensor { .random(type, seed: seed &+ UInt64(index) << 32) }
}

extension Diagnostic.Message {
  fileprivate static var noSamples: Self {
    Self(id: "no-samples", .malformed, "there is not a single sample")
  }

  fileprivate static func noSamples(for input: String) -> Self {
    Self(id: "no-samples", .usage, "there are no samples for the input `\(input)`")
  }

  fileprivate static var unknownData: Self {
    Self(id: "unknown-data", .unsupported, "is neither an array, an archive nor a folder of images")
  }

  fileprivate static func countsDiffer(
    _ a: String, _ countOfA: Int, _ b: String, _ countOfB: Int
  ) -> Self {
    Self(
      id: "sample-count", .malformed,
      "there are \(countOfA) samples for the input `\(a)`, but \(countOfB) for `\(b)`")
  }
}
