import Support
import Tensors

extension Truth {
  /// The labels in a file: of `.npy` one array, of `.npz` the arrays `boxes` and `classes`, or `labels`, or the only
  /// one there is.
  ///
  /// - Throws: a `Diagnostic` if the file cannot be read, or its arrays have different numbers of samples.
  public init(_ path: String) throws {
    let arrays = try Self.arrays(path)
    try self.init(arrays, in: path)
  }

  private static func arrays(_ path: String) throws -> [StoredArray] {
    guard path.lowercased().hasSuffix(".npz") else {
      return [try locating(in: Diagnostic.Place(file: path)) { try StoredArray(path) }]
    }
    return try locating(in: Diagnostic.Place(file: path)) {
      let archive = try ArrayArchive(path)
      guard let boxes = try? archive.array(named: "boxes", isOnly: false) else {
        return [try archive.array(named: "labels", isOnly: true)]
      }
      return [boxes, try archive.array(named: "classes", isOnly: false)]
    }
  }

  private init(_ arrays: [StoredArray], in path: String) throws {
    try locating(in: Diagnostic.Place(file: path)) {
      try Self.check(arrays.map(\.type.shape))
    }
    self.init(count: arrays[0].count) { sample in arrays.map { $0.part(at: sample) } }
  }
}
