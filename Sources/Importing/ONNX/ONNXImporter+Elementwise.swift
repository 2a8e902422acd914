import GraphIR
import Operators
import Support
import Tensors

extension ONNXImporter {
  static let elementwise: [String: ONNXConverter] = [
    "Add": { node, builder in [.tensor(try builder.insert(Add(), node.allOperands())[0])] },
    "Relu": { node, builder in [.tensor(try builder.apply(ReLU(), node.operand(0)))] },
  ]
}
