import Foundation
import GraphIR
import Lowering
import ProgramSchema
import Support
import Tensors

/// A device in a shared library, behind the C interface of `dovetail_device.h`: a driver, an FPGA, or a model in C.
///
/// A class because it owns the open device.
public final class DynamicDevice: Device {
  private let library: DeviceLibrary
  private let device: OpaquePointer

  /// Opens the device in the library at `path`.
  ///
  /// - Throws: a `Diagnostic` if the library cannot be loaded, is no device or one for another version of the interface,
  ///   or if the device fails.
  public init(_ path: String) throws {
    let library = try DeviceLibrary(path)
    var opened: OpaquePointer?
    try library.check { library.open(&opened, $0) }
    guard let opened else { throw library.diagnostic(.noDevice) }
    self.library = library
    device = opened
  }

  deinit { library.close(device) }

  /// Hands a program to the device.
  ///
  /// - Throws: a `Diagnostic` if constants are elided or the device refuses, `Diagnostics` if the program is not sound.
  public func load(_ program: Program) throws -> any LoadedProgram {
    guard !program.hasElidedConstants else { throw Diagnostic(.elided) }
    try Diagnostics(program.verify()).throwIfErrors()
    let form = DeviceProgram(program)
    var loaded: OpaquePointer?
    try library.check { library.load(device, form.form, &loaded, $0) }
    guard let loaded else { throw library.diagnostic(.noProgram) }
    return DynamicProgram(program, form, loaded, on: self, library)
  }
}

/// A program on a device in a shared library. A class because it owns what the device holds of it.
private final class DynamicProgram: LoadedProgram {
  private let program: Program
  private let form: DeviceProgram
  private let loaded: OpaquePointer
  /// The device stays open as long as there are programs on it.
  private let device: DynamicDevice
  private let library: DeviceLibrary
  private let host: HostKernels

  init(
    _ program: Program, _ form: DeviceProgram, _ loaded: OpaquePointer, on device: DynamicDevice,
    _ library: DeviceLibrary
  ) {
    self.program = program
    self.form = form
    self.loaded = loaded
    self.device = device
    self.library = library
    host = HostKernels(form.calls)
  }

  deinit { library.unload(loaded) }

  func run(_ inputs: [Tensor]) throws -> Execution {
    precondition(inputs.count == program.inputs.count, "each input of the program has a tensor")
    let outputs = program.outputs.map { output in
      UnsafeMutableRawBufferPointer.allocate(byteCount: output.type.byteCount, alignment: 16)
    }
    defer { outputs.forEach { $0.deallocate() } }
    let counters = try withExtendedLifetime(inputs) {
      try run(inputs.map(\.data.bytes.baseAddress), outputs.map(\.baseAddress))
    }
    let tensors = zip(program.outputs, outputs).map { output, bytes in
      let data = TensorData(byteCount: bytes.count) {
        $0.copyMemory(from: UnsafeRawBufferPointer(bytes))
      }
      return Tensor(output.type, data)
    }
    return Execution(outputs: tensors, values: [:], counters: DeviceCounters(counters))
  }

  private func run(
    _ inputs: [UnsafeRawPointer?], _ outputs: [UnsafeMutableRawPointer?]
  ) throws -> dovetail_counters {
    var counters = dovetail_counters(cycles: -1, commands: -1, bytes_read: -1, bytes_written: -1)
    var callbacks = host.callbacks
    host.problem = nil
    do {
      try library.check { library.run(loaded, inputs, outputs, &callbacks, &counters, $0) }
    } catch {
      // Why the host failed says more than that the device gave up.
      throw host.problem ?? error
    }
    return counters
  }
}

/// The kernels of the nodes that the host computes for a device.
///
/// A class because the device gets its address, and kernels are made when they are first needed.
private final class HostKernels {
  /// Why a call failed in this run.
  var problem: (any Error)?
  private let calls: [HostCall]
  private var kernels: [Int: Kernel] = [:]

  init(_ calls: [HostCall]) { self.calls = calls }

  /// For as long as this object lives.
  var callbacks: dovetail_host {
    dovetail_host(
      context: Unmanaged.passUnretained(self).toOpaque(),
      call: { context, number, operands, results in
        guard let context, let operands, let results else { return 1 }
        let host = Unmanaged<HostKernels>.fromOpaque(context).takeUnretainedValue()
        return host.compute(Int(number), operands, results) ? 0 : 1
      })
  }

  private func compute(
    _ number: Int, _ operands: UnsafePointer<UnsafeRawPointer?>,
    _ results: UnsafePointer<UnsafeMutableRawPointer?>
  ) -> Bool {
    guard calls.indices.contains(number) else { return false }
    let call = calls[number]
    do {
      let kernel = try kernels[number] ?? call.op.kernel(for: call.site)
      kernels[number] = kernel
      try kernel.run(
        call.operands.indices.map {
          UnsafeRawBufferPointer(start: operands[$0], count: call.operands[$0].byteCount)
        },
        call.results.indices.map {
          UnsafeMutableRawBufferPointer(start: results[$0], count: call.results[$0].byteCount)
        }, .one)
      return true
    } catch {
      problem = error
      return false
    }
  }
}

extension DeviceCounters {
  fileprivate init(_ counters: dovetail_counters) {
    func known(_ number: Int64) -> Int? { number < 0 ? nil : Int(number) }
    self.init(
      cycles: known(counters.cycles), commands: known(counters.commands),
      bytesRead: known(counters.bytes_read), bytesWritten: known(counters.bytes_written))
  }
}

extension Diagnostic.Message {
  fileprivate static var elided: Self {
    Self(
      id: "elided-program", .unsupported,
      "the program was made without its constants, and cannot be run")
  }

  fileprivate static var noDevice: Self {
    Self(
      id: "device-failed", .unsupported, "the library says that it opened a device, but gives none")
  }

  fileprivate static var noProgram: Self {
    Self(
      id: "device-failed", .unsupported,
      "the device says that it loaded the program, but gives none")
  }
}
