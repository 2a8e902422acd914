import Foundation
import Support

/// The images of a folder, in the order of their names' bytes.
struct ImageFolder {
  /// Each below the folder's own path.
  let paths: [String]
  /// The index of each image's sub-folder, if images lie in sub-folders.
  let labels: Labels?

  private static let endings = ["png", "jpg", "jpeg", "ppm", "pgm"]

  /// Whether the name is that of an image.
  static func isImage(_ name: String) -> Bool {
    guard let dot = name.lastIndex(of: ".") else { return false }
    return endings.contains(name[name.index(after: dot)...].lowercased())
  }

  /// Images in the folder at `path`, or, where it has none, in the folders in it, each of which is a class; or the single
  /// image at `path`. Names that begin with a dot, and other files, are left aside.
  ///
  /// - Throws: a `Diagnostic` if there are no images, or a folder cannot be read.
  init(_ path: String) throws {
    guard Self.isFolder(path) else {
      (paths, labels) = ([path], nil)
      return
    }
    let entries = try Self.entries(of: path)
    let images = entries.filter { Self.isImage($0) && !Self.isFolder($0) }
    guard images.isEmpty else {
      (paths, labels) = (images, nil)
      return
    }
    let classes = try entries.filter(Self.isFolder).map { folder in
      try Self.entries(of: folder).filter { Self.isImage($0) && !Self.isFolder($0) }
    }
    paths = classes.flatMap { $0 }
    labels = Labels(classes.enumerated().flatMap { index, images in images.map { _ in index } })
    guard !paths.isEmpty else {
      throw Diagnostic(
        .noImages, help: "images end in \(Self.endings.map { ".\($0)" }.joined(separator: ", "))")
    }
  }

  private static func entries(of folder: String) throws -> [String] {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw Diagnostic(
        .error, .unreadableFolder, at: Diagnostic.Place(file: folder), help: nil)
    }
    return names.filter { !$0.hasPrefix(".") }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      .map { "\(folder)/\($0)" }
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue
  }
}

extension Diagnostic.Message {
  fileprivate static var noImages: Self {
    Self(id: "no-images", .malformed, "holds no images, neither itself nor in folders")
  }

  fileprivate static var unreadableFolder: Self {
    Self(id: "unreadable-file", .unreadable, "the folder cannot be read")
  }
}
