import Foundation

/// The bytes of a file, mapped into memory: large models cost only the pages that are read.
///
/// A class because it owns the mapping, which ends with the last value that refers into it.
public final class FileBytes: Sendable {
  /// The bytes; valid as long as this object lives, for which `withExtendedLifetime` sees where nothing else does. The
  /// start is aligned to a page.
  public nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

  /// Maps the file at `path`, which must be a regular file that can be read.
  ///
  /// - Throws: an `unreadable-file` diagnostic, with the system's reason.
  public init(mapping path: String) throws {
    // Without O_NONBLOCK, opening a pipe would wait for its writer, before its kind can be known.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Diagnostic(.unreadable(systemError()), at: nil, in: path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw Diagnostic(.unreadable("not a regular file"), at: nil, in: path)
    }
    let count = Int(status.st_size)
    // An empty file cannot be mapped.
    guard count > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED
    else { throw Diagnostic(.unreadable(systemError()), at: nil, in: path) }
    bytes = UnsafeRawBufferPointer(start: start, count: count)
  }

  deinit {
    if let start = bytes.baseAddress {
      munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
    }
  }

  /// Gives the memory that some of the bytes take back to the system, which reads them again when they are asked for.
  ///
  /// - Parameters:
  ///   - part: of `bytes`. Pages that it shares with others stay.
  ///   - margin: how many bytes on either side go with it.
  public func evict(_ part: UnsafeRawBufferPointer, margin: Int = 0) {
    guard let whole = bytes.baseAddress, let start = part.baseAddress else { return }
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let offset = start - whole
    // The first byte of all stands at the start of a page.
    let first = (max(offset - margin, 0) + page - 1) / page * page
    let end = min(offset + part.count + margin, bytes.count) / page * page
    guard first < end else { return }
    // Only a hint, so it does not matter whether it is taken.
    _ = madvise(UnsafeMutableRawPointer(mutating: whole + first), end - first, MADV_DONTNEED)
  }

  /// The text of the file at `path`, which must be UTF-8.
  ///
  /// - Throws: an `unreadable-file` diagnostic, or `not-text` where the bytes are not UTF-8.
  public static func text(of path: String) throws -> String {
    let file = try FileBytes(mapping: path)
    let text = withExtendedLifetime(file) { String(validating: file.bytes, as: UTF8.self) }
    guard let text else {
      throw Diagnostic(.notText, at: nil, in: path)
    }
    return text
  }

  /// Writes `bytes` to `path` whole or not at all: to a file beside it, which then takes its name. What a link leads to is
  /// written, and pipes and devices take the bytes as they come, for they cannot be replaced.
  ///
  /// - Throws: an `unwritable-file` diagnostic; what `path` held before is then still there.
  public static func write(_ bytes: some Collection<UInt8>, to path: String) throws {
    try write(to: path) { try $0(Array(bytes)) }
  }

  /// As `write(_:to:)`, piece by piece: `body` calls its argument with one after the other.
  ///
  /// - Throws: also what `body` throws.
  public static func write(
    to path: String, _ body: (@escaping ([UInt8]) throws -> Void) throws -> Void
  ) throws {
    let place = WritingPlace(path)
    guard let stream = fopen(place.partial ?? path, "wb") else {
      throw Diagnostic(.unwritable(systemError()), at: nil, in: path)
    }
    do {
      try body { bytes in
        let written = bytes.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, stream) }
        guard written == bytes.count else {
          throw Diagnostic(.unwritable(systemError()), at: nil, in: path)
        }
      }
    } catch {
      fclose(stream)
      place.abandon()
      throw error
    }
    guard fclose(stream) == 0, place.finish() else {
      let reason = systemError()
      place.abandon()
      throw Diagnostic(.unwritable(reason), at: nil, in: path)
    }
  }

  /// Whether `write` can begin, for those who work long before they write.
  ///
  /// - Throws: an `unwritable-file` diagnostic.
  public static func checkWritable(_ path: String) throws {
    let place = WritingPlace(path)
    // Opening a pipe would wait for its reader, and show it an end.
    guard let partial = place.partial else {
      guard access(path, W_OK) == 0 else {
        throw Diagnostic(.unwritable(systemError()), at: nil, in: path)
      }
      return
    }
    guard let stream = fopen(partial, "wb") else {
      throw Diagnostic(.unwritable(systemError()), at: nil, in: path)
    }
    fclose(stream)
    place.abandon()
  }

  /// Creates the folder at `path`, and those above it, unless it exists.
  public static func createFolder(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw Diagnostic(.unwritable("the folder cannot be created"), at: nil, in: path)
    }
  }
}

/// Where the bytes of a file go while it is written.
private struct WritingPlace {
  /// The file that is there in the end, behind all links.
  private let final: String
  /// The file that takes its name when it is whole; nil for pipes and devices, which are written as they are.
  let partial: String?

  init(_ path: String) {
    var status = stat()
    let exists = stat(path, &status) == 0
    let kind = status.st_mode & S_IFMT
    final = exists ? Self.resolved(path) : path
    // In the same folder, because `rename` replaces a file at once only within one file system.
    partial = exists && kind != S_IFREG && kind != S_IFDIR ? nil : "\(final).partial-\(getpid())"
  }

  /// Gives the whole file its name; false if that fails, for the reason in `errno`.
  func finish() -> Bool { partial.map { rename($0, final) == 0 } ?? true }

  func abandon() { if let partial { unlink(partial) } }

  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }
}

private func systemError() -> String { String(cString: strerror(errno)).lowercased() }

extension Diagnostic {
  fileprivate init(_ message: Message, at spot: String?, in file: String) {
    self.init(.error, message, at: Place(file: file, spot: spot))
  }
}

extension Diagnostic.Message {
  fileprivate static func unreadable(_ reason: String) -> Self {
    Self(id: "unreadable-file", .unreadable, "cannot be read: \(reason)")
  }

  fileprivate static var notText: Self {
    Self(id: "not-text", .malformed, "is not UTF-8 text")
  }

  fileprivate static func unwritable(_ reason: String) -> Self {
    Self(id: "unwritable-file", .unwritable, "cannot be written: \(reason)")
  }
}
