// swift-tools-version:6.0
import PackageDescription

/// The standard library and Foundation in the executable, at a fixed address, with what runs call laid together: loading
/// them would else take most of the time and memory of a short run.
let standalone = [
  "-static-stdlib", "-l_FoundationICU", "-lCoreFoundation", "-l_FoundationCShims",
  "-l_FoundationCollections", "-lswift_RegexParser", "-lswiftSynchronization", "-use-ld=lld",
  "-Xclang-linker", "-no-pie", "-Xlinker", "--no-export-dynamic",
  "-Xlinker", "--symbol-ordering-file=\(Context.packageDirectory)/Sources/dovetail/functions.order",
  "-Xlinker", "--no-warn-symbol-ordering",
]

// Targets stand in their layers, lowest first; a target depends only on targets above it in this list.
let package = Package(
  name: "dovetail",
  products: [.executable(name: "dovetail", targets: ["dovetail"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // 0: ids, tables, diagnostics; inner loops in C++; views of file formats
    .target(name: "Support"),
    .target(name: "CKernels"),
    .target(name: "TFLiteSchema"),
    .target(
      name: "ProgramSchema", exclude: ["program.fbs"], linkerSettings: [.linkedLibrary("z")]),
    .target(
      name: "ONNXSchema",
      dependencies: [.product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["onnx.proto"]),
    .target(
      name: "ImageFiles",
      linkerSettings: [.linkedLibrary("png"), .linkedLibrary("jpeg"), .linkedLibrary("z")]),

    // 1: shapes, element types, tensor data
    .target(name: "Tensors", dependencies: ["Support"]),

    // 2: Graph, text form, verifier, Pass, Rule
    .target(name: "GraphIR", dependencies: ["Support", "Tensors"]),

    // 3: one file per operator
    .target(name: "Operators", dependencies: ["CKernels", "GraphIR", "Support", "Tensors"]),

    // 4: files in, reference execution, passes, targets as data
    .target(
      name: "Evaluation", dependencies: ["CKernels", "GraphIR", "ImageFiles", "Support", "Tensors"]),
    .target(
      name: "Importing",
      dependencies: [
        "GraphIR", "ONNXSchema", "Operators", "Support", "TFLiteSchema", "Tensors",
      ]),
    .target(
      name: "Exporting",
      dependencies: ["GraphIR", "ONNXSchema", "Operators", "Support", "TFLiteSchema", "Tensors"]),
    .target(name: "Passes", dependencies: ["GraphIR", "Operators", "Support", "Tensors"]),

    .target(
      name: "Hardware",
      dependencies: [
        "GraphIR", "Operators", "Support", "Tensors", .product(name: "Yams", package: "Yams"),
      ]),

    // 5: scales and bit widths; Graph to Program
    .target(
      name: "Quantization",
      dependencies: [
        "CKernels", "Evaluation", "GraphIR", "Operators", "Passes", "Support", "Tensors",
        .product(name: "Yams", package: "Yams"),
      ]),
    .target(
      name: "Lowering",
      dependencies: [
        "CKernels", "GraphIR", "Hardware", "Operators", "ProgramSchema", "Support", "Tensors",
      ]),

    // 6: runs a Program on a target, cycle by cycle
    .target(
      name: "Simulation",
      dependencies: [
        "CKernels", "Evaluation", "GraphIR", "Hardware", "Lowering", "Operators", "ProgramSchema",
        "Support", "Tensors",
      ]),

    // 7: measurements to tables, JSON, CSV
    .target(
      name: "Reporting",
      dependencies: [
        "Evaluation", "GraphIR", "Hardware", "Importing", "Lowering", "Operators", "Quantization",
        "Simulation", "Support", "Tensors", .product(name: "Yams", package: "Yams"),
      ]),

    // 8: the command
    .executableTarget(
      name: "dovetail",
      dependencies: [
        "Evaluation", "Exporting", "GraphIR", "Hardware", "Importing", "Lowering", "Operators",
        "Passes", "Quantization", "Reporting", "Simulation", "Support", "Tensors",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], exclude: ["functions.order"],
      linkerSettings: [.unsafeFlags(standalone, .when(platforms: [.linux]))]),

    // Tests, one target per module; TestSupport holds what they share
    .target(
      name: "TestSupport",
      dependencies: ["Evaluation", "GraphIR", "Operators", "Support", "Tensors"],
      path: "Tests/TestSupport"),
    .testTarget(name: "ExplanationTests"),
    .testTarget(name: "SupportTests", dependencies: ["Support", "TestSupport"]),
    .testTarget(name: "TensorsTests", dependencies: ["Support", "Tensors", "TestSupport"]),
    .testTarget(
      name: "GraphIRTests",
      dependencies: ["GraphIR", "Operators", "Support", "Tensors", "TestSupport"],
      exclude: ["Golden"]),
    .testTarget(
      name: "OperatorsTests",
      dependencies: ["GraphIR", "Operators", "Support", "Tensors", "TestSupport"],
      exclude: ["Golden"]),
    .testTarget(
      name: "EvaluationTests",
      dependencies: [
        "Evaluation", "GraphIR", "ImageFiles", "Operators", "Support", "Tensors", "TestSupport",
      ]),
    .testTarget(
      name: "ImportingTests",
      dependencies: [
        "Evaluation", "GraphIR", "Importing", "ONNXSchema", "Operators", "Support", "Tensors",
        "TestSupport", .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ], exclude: ["Golden"]),
    .testTarget(
      name: "ExportingTests",
      dependencies: [
        "Evaluation", "Exporting", "GraphIR", "Importing", "ONNXSchema", "Operators", "Passes",
        "Support", "Tensors", "TestSupport",
      ]),
    .testTarget(
      name: "ConformanceTests",
      dependencies: [
        "Evaluation", "GraphIR", "Importing", "ONNXSchema", "Operators", "Passes", "Support",
        "Tensors", "TestSupport",
      ]),
    .testTarget(
      name: "PassesTests",
      dependencies: [
        "Evaluation", "GraphIR", "Importing", "Operators", "Passes", "Support", "Tensors",
        "TestSupport",
      ], exclude: ["Golden"]),
    .testTarget(
      name: "QuantizationTests",
      dependencies: [
        "Evaluation", "Exporting", "GraphIR", "Importing", "Operators", "Passes", "Quantization",
        "Support",
        "Tensors", "TestSupport",
      ]),
    .testTarget(
      name: "HardwareTests",
      dependencies: [
        "GraphIR", "Hardware", "Operators", "Support", "Tensors", "TestSupport",
      ]),
    .testTarget(
      name: "LoweringTests",
      dependencies: [
        "Evaluation", "GraphIR", "Hardware", "Importing", "Lowering", "Operators", "Passes",
        "ProgramSchema", "Simulation", "Support", "Tensors", "TestSupport",
      ], exclude: ["Golden"]),
    .testTarget(
      name: "SimulationTests",
      dependencies: [
        "GraphIR", "Hardware", "Importing", "Lowering", "Operators", "Passes", "Simulation",
        "Support", "Tensors", "TestSupport",
      ]),
    .testTarget(
      name: "ReportingTests",
      dependencies: [
        "GraphIR", "Hardware", "Importing", "Lowering", "Operators", "Passes", "Reporting",
        "Simulation", "Support", "Tensors", "TestSupport",
      ]),
    .testTarget(
      // Not on the command itself, whose way of linking is none for tests: they run it.
      name: "CommandTests", dependencies: ["Reporting", "Support", "Tensors", "TestSupport"]),
    .testTarget(name: "RepositoryTests", dependencies: ["TestSupport"]),
  ],
  cxxLanguageStandard: .cxx17
)

// Each function in a section of its own, so that the linker can lay together what a run calls.
for target in package.targets where target.type == .regular || target.type == .executable {
  target.swiftSettings = [
    .unsafeFlags(["-Xfrontend", "-function-sections"], .when(platforms: [.linux]))
  ]
}
