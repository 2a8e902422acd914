import ArgumentParser
import Evaluation
import Exporting
import GraphIR
import Importing
import Passes
import Quantization
import Reporting
import Support
import Tensors

struct QuantizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quantize",
    abstract: "Store a network's numbers in fewer bits, by what it computes on sample data.")

  @OptionGroup var model: ModelArguments

  @Option(help: "samples")
  var calibration: String

  @Option(help: "scheme")
  var scheme = "int8"

  @Option(help: "range method")
  var ranges = "min-max"

  @Option(name: .shortAndLong, help: "output")
  var output: String

  func run() throws {
    let source = try model.load()
    var graph = source.graph
    try Pipeline.standard.run(on: &graph)
    let data = try NumPyFile.read(calibration)
    let input = graph.values[graph.inputs[0]].type
    let count = data.type.elementCount / input.elementCount
    let inputs = Calibration.Inputs(count: count) { index in
      let start = index * input.byteCount
      let bytes = UnsafeRawBufferPointer(rebasing: data.data.bytes[start..<start + input.byteCount])
      return [Tensor(input, TensorData(byteCount: bytes.count) { $0.copyMemory(from: bytes) })]
    }
    let quantized = try QuantizedModel(
      graph,
      MethodContext(
        plan: QuantizationPlan(QuantizationScheme(scheme)), inputs: inputs,
        ranges: RangeMethod(ranges)))
    let result = try quantized.quantizedGraph()
    try Diagnostics(result.verify()).throwIfErrors()
    try Console.write(result.text(constants: .full), to: output)
  }
}
