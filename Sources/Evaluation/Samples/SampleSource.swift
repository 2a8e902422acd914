import Foundation

/// Where the samples come from.
public enum SampleSource: Hashable, Sendable {
  /// Files for the inputs of the graph; at most the first `limit` samples of them.
  ///
  /// The name of the input may be empty if there is a single one, and for an archive with an array for each input.
  case files([SampleFile], limit: Int?)
  /// As many samples of seeded noise, in the place of data.
  case noise(count: Int, seed: UInt64)
}

/// A file, or a folder of images, with samples for an input.
public struct SampleFile: Hashable, Sendable {
  /// Of the input; empty if it goes without saying.
  public let name: String
  /// A `.npy` file whose first axis counts samples, a `.npz` file of such arrays, an image, or a folder of images.
  public let path: String

  /// Samples in `path` for the input of that name.
  public init(name: String = "", path: String) {
    self.name = name
    self.path = path
  }

  /// What can be read.
  enum Kind { case array, archive, images }

  /// What the file is by its ending, or by being a folder; nil if it is nothing that can be read.
  var kind: Kind? {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      return .images
    }
    if ImageFolder.isImage(path) { return .images }
    switch path.split(separator: ".").last?.lowercased() {
    case "npy": return .array
    case "npz": return .archive
    default: return nil
    }
  }
}
