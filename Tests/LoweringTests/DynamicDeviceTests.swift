import Evaluation
import Foundation
import GraphIR
import Importing
import Lowering
import Operators
import Passes
import Simulation
import Support
import TestSupport
import Tensors
import Testing

/// The device in plain C, behind the C interface, gives the bits of the simulator and of the CPU reference.
struct DynamicDeviceTests {
  /// Built once for all tests; nil where there is no compiler.
  private static let library: String? = {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    try? FileBytes.createFolder(folder)
    let path = "\(folder)/libdevice.so"
    return build(["Examples/device/build", path]) ? path : nil
  }()

  @Test(.enabled(if: library != nil, "no C compiler"), arguments: 0..<60 as Range<UInt64>)
  func randomNetworksGiveTheSameBits(seed: UInt64) throws {
    try expectAgreement(on: RandomNetwork.make(seed: seed), seed: seed)
  }

  @Test(
    .enabled(if: library != nil, "no C compiler"),
    arguments: TestFiles.existing([TestFiles.fashion] + TestFiles.tinyModels))
  func networksGiveTheSameBits(path: String) throws {
    var graph = try Model(path).graph
    try Pipeline.standard.run(on: &graph)
    try expectAgreement(on: graph, seed: 1)
  }

  @Test(.enabled(if: library != nil, "no C compiler"))
  func deviceCountsCommands() throws {
    let program = try Program(lowering: RandomNetwork.make(seed: 1), to: TestTarget.make())
    let inputs = program.inputs.map { Tensor.random($0.type, seed: 1) }
    let device = try DynamicDevice(#require(Self.library))
    let loaded = try device.load(program)
    for _ in 0..<2 {
      let counters = try loaded.run(inputs).counters
      #expect(counters.commands == program.commands.count && counters.cycles == nil)
      #expect((counters.bytesRead ?? 0) > 0 && (counters.bytesWritten ?? 0) > 0)
    }
  }

  /// The reason of the kernel is what the user sees, not that the device gave up.
  @Test(.enabled(if: library != nil, "no C compiler"))
  func failureOfTheHostIsReported() throws {
    let text = """
      graph g(%x: i32[1]) {
        %y = while(%x) {body: ["graph b(%x: i32[1]) {", "  %y = abs(%x) : i32[1]", "  return %y", \
      "}"], condition: ["graph c(%x: i32[1]) {", "  %y = equal(%x, %x) : bool[1]", "  return %y", \
      "}"]} : i32[1]
        return %y
      }
      """
    let graph = try GraphParser(text, operators: Operators.all).graph
    let program = try Program(lowering: graph, to: TestTarget.make())
    let loaded = try DynamicDevice(#require(Self.library)).load(program)
    let error = #expect(throws: Diagnostic.self) {
      try loaded.run([Tensor(TensorType(.i32, [1]), numbers: [1])])
    }
    #expect(error?.message.id == "endless-loop")
  }

  @Test func librariesThatAreNoDevicesAreRefused() throws {
    #expect(Self.refusal("/nowhere/libdevice.so")?.message.id == "no-device")
    #expect(Self.refusal(TestFiles.fashion)?.message.id == "no-device")
  }

  @Test(.enabled(if: library != nil, "no C compiler"))
  func brokenDevicesAreRefused() throws {
    let whole = Self.device(version: "DOVETAIL_DEVICE_ABI_VERSION", open: "dovetail_status_done")
    for (source, id, cause) in [
      ("int nothing;", "no-device", Diagnostic.Cause.malformed),
      (Self.device(version: "99", open: "dovetail_status_done"), "device-version", .unsupported),
      (whole.replacingOccurrences(of: "dovetail_device_run", with: "run"), "no-device", .malformed),
      (
        Self.device(version: "1", open: "dovetail_status_failed"), "device-failed", .unsupported
      ), (whole, "device-failed", .unsupported),
    ] {
      let found = try Self.refusal(source: source)
      #expect(found?.message.id == id && found?.message.cause == cause)
    }
  }
}

extension DynamicDeviceTests {
  private func expectAgreement(on graph: Graph, seed: UInt64) throws {
    let program = try Program(lowering: graph, to: TestTarget.make())
    let inputs = graph.inputs.enumerated().map { position, id in
      Tensor.random(graph.values[id].type, seed: seed &+ UInt64(position))
    }
    let states = graph.states.map { Tensor(graph.values[$0.current].type, $0.initial!) }
    let device = try DynamicDevice(#require(Self.library))
    let found = try device.load(program).run(inputs + states).outputs
    let expected = try Simulator().load(program).run(inputs + states).outputs
    // Not as one, which would print every byte.
    let isSame = found.map(\.data) == expected.map(\.data)
    #expect(isSame, "device and simulator differ")
    let evaluator = try Evaluator(graph, keeping: .outputs)
    try evaluator.run(inputs)
    let isReference = zip(graph.outputs, found).allSatisfy { evaluator.value($0).data == $1.data }
    #expect(isReference, "device and reference differ")
  }

  private static func refusal(_ path: String) -> Diagnostic? {
    do {
      _ = try DynamicDevice(path)
      return nil
    } catch {
      return error as? Diagnostic
    }
  }

  private static func refusal(source: String) throws -> Diagnostic? {
    try TestFiles.withFolder { folder in
      try FileBytes.write(Array(source.utf8), to: "\(folder)/device.c")
      let header = TestFiles.repository.appending(path: "Sources/ProgramSchema/include").path
      let library = "\(folder)/lib\(UUID().uuidString).so"
      try #require(
        build([
          "/usr/bin/env", "cc", "-shared", "-fPIC", "-I", header, "\(folder)/device.c", "-o",
          library,
        ]))
      return refusal(library)
    }
  }

  /// A device that says it opened, and gives none.
  private static func device(version: String, open: String) -> String {
    """
    #include "dovetail_device.h"
    uint32_t dovetail_device_abi_version(void) { return \(version); }
    dovetail_status dovetail_device_open(dovetail_device **device, dovetail_error error) {
      *device = 0;
      return \(open);
    }
    void dovetail_device_close(dovetail_device *device) {}
    dovetail_status dovetail_device_load(dovetail_device *device, const dovetail_program *program,
                                         dovetail_loaded **loaded, dovetail_error error) {
      return dovetail_status_unsupported;
    }
    void dovetail_device_unload(dovetail_loaded *loaded) {}
    dovetail_status dovetail_device_run(dovetail_loaded *loaded, const void *const *inputs,
                                        void *const *outputs, const dovetail_host *host,
                                        dovetail_counters *counters, dovetail_error error) {
      return dovetail_status_failed;
    }
    """
  }

  /// Runs a command in the folder of the repository, and says whether it succeeded.
  private static func build(_ command: [String]) -> Bool {
    let process = Process()
    process.currentDirectoryURL = TestFiles.repository
    process.executableURL = URL(fileURLWithPath: command[0], relativeTo: TestFiles.repository)
    process.arguments = Array(command.dropFirst())
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}
