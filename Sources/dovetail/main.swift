import Importing
import Evaluation
import Tensors
import Hardware
import Lowering
import Simulation
let model = try Model(CommandLine.arguments[1])
let target = try Target(CommandLine.arguments[2])
let program = try Program(lowering: model.graph, to: target.description)
if CommandLine.arguments.count > 3 { print(program.scheduleDescription); print(program) }
let timeline = Timeline(of: program)
for (layer, cost) in zip(program.layers, timeline.layers) {
  print(
    layer.kind, cost.latencyCycles, cost.computeCycles, cost.memoryCycles, cost.bound,
    layer.work.macs)
}
print("total", timeline.latencyCycles, "commands", program.commands.count)
let e = try Evaluator(model.graph, keeping: .everything)
let binding = try InputBinding(model.graph, given: [], seed: 1)
e.run(binding.tensors)
let run = try Simulator(keepsValues: true).load(program).run(binding.tensors)
print(run.outputs[0] == e.value(model.graph.outputs[0]))
