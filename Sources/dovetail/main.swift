import Importing
import Evaluation
import Tensors
let model = try Model(CommandLine.arguments[1])
print(model.graph.text(constants: .elided))
let e = try Evaluator(model.graph)
let binding = try InputBinding(model.graph, given: [], seed: 1)
e.run(binding.tensors)
print(e.value(model.graph.outputs[0]).storedNumbers)
