import Foundation
import ProgramSchema
import Support

/// The functions of a shared library that implements `dovetail_device.h`.
///
/// A class because it owns the library, whose functions are there as long as it lives.
final class DeviceLibrary {
  typealias Open =
    @convention(c) (UnsafeMutablePointer<OpaquePointer?>?, dovetail_error) -> dovetail_status
  typealias Close = @convention(c) (OpaquePointer?) -> Void
  typealias Load =
    @convention(c) (
      OpaquePointer?, UnsafePointer<dovetail_program>?, UnsafeMutablePointer<OpaquePointer?>?,
      dovetail_error
    ) -> dovetail_status
  typealias Run =
    @convention(c) (
      OpaquePointer?, UnsafePointer<UnsafeRawPointer?>?, UnsafePointer<UnsafeMutableRawPointer?>?,
      UnsafePointer<dovetail_host>?, UnsafeMutablePointer<dovetail_counters>?, dovetail_error
    ) -> dovetail_status
  private typealias Version = @convention(c) () -> UInt32

  let open: Open
  let close: Close
  let load: Load
  let unload: Close
  let run: Run
  private let path: String
  private let handle: LibraryHandle

  init(_ path: String) throws {
    self.path = path
    handle = try LibraryHandle(path)
    let version = try handle.function("dovetail_device_abi_version", as: Version.self)()
    guard version == UInt32(DOVETAIL_DEVICE_ABI_VERSION) else {
      throw Diagnostic(
        .error, .otherVersion(version), at: Diagnostic.Place(file: path),
        help: "compile the device with the `dovetail_device.h` of this release")
    }
    open = try handle.function("dovetail_device_open", as: Open.self)
    close = try handle.function("dovetail_device_close", as: Close.self)
    load = try handle.function("dovetail_device_load", as: Load.self)
    unload = try handle.function("dovetail_device_unload", as: Close.self)
    run = try handle.function("dovetail_device_run", as: Run.self)
  }

  /// Calls a function of the device, and throws what it says if it fails.
  func check(_ body: (dovetail_error) -> dovetail_status) throws {
    var text = [CChar](repeating: 0, count: 512)
    let status = text.withUnsafeMutableBufferPointer { buffer in
      // The last byte is ours, so that the text ends whatever the device does.
      body(dovetail_error(text: buffer.baseAddress, capacity: buffer.count - 1))
    }
    guard status != dovetail_status_done else { return }
    let bytes = text.dropLast().prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    let why = bytes.isEmpty ? "it gives no reason" : String(decoding: bytes, as: UTF8.self)
    throw diagnostic(status == dovetail_status_unsupported ? .refused(why) : .failed(why))
  }

  /// A diagnostic with the place of the library.
  func diagnostic(_ message: Diagnostic.Message) -> Diagnostic {
    Diagnostic(.error, message, at: Diagnostic.Place(file: path))
  }
}

/// A shared library in this process. A class because it owns the library.
private final class LibraryHandle {
  private let path: String
  private let handle: UnsafeMutableRawPointer

  init(_ path: String) throws {
    self.path = path
    // Without a slash, the system would look for a library of its own.
    let file = path.contains("/") ? path : "./\(path)"
    guard let handle = dlopen(file, RTLD_NOW | RTLD_LOCAL) else {
      let reason = dlerror().map { String(cString: $0) } ?? "it cannot be loaded"
      throw Diagnostic(
        .error, .noLibrary(reason), at: Diagnostic.Place(file: path),
        help: "a device is a shared library, such as `Examples/device/build` makes")
    }
    self.handle = handle
  }

  deinit { dlclose(handle) }

  func function<Function>(_ name: String, as type: Function.Type) throws -> Function {
    guard let symbol = dlsym(handle, name) else {
      throw Diagnostic(
        .error, .noFunction(name), at: Diagnostic.Place(file: path),
        help: "a device exports the functions of `dovetail_device.h`")
    }
    return unsafeBitCast(symbol, to: type)
  }
}

extension Diagnostic.Message {
  fileprivate static func noLibrary(_ reason: String) -> Self {
    Self(id: "no-device", .unreadable, "cannot be loaded as a device: \(reason)")
  }

  fileprivate static func noFunction(_ name: String) -> Self {
    Self(id: "no-device", .malformed, "is no device: it has no function `\(name)`")
  }

  fileprivate static func otherVersion(_ version: UInt32) -> Self {
    Self(
      id: "device-version", .unsupported,
      "is a device for version \(version) of the interface; this is version "
        + "\(DOVETAIL_DEVICE_ABI_VERSION)")
  }

  fileprivate static func refused(_ why: String) -> Self {
    Self(id: "device-failed", .unsupported, "the device cannot run the program: \(why)")
  }

  fileprivate static func failed(_ why: String) -> Self {
    Self(id: "device-failed", .unsupported, "the device failed: \(why)")
  }
}
