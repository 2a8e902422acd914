import GraphIR
import Operators

/// Operators that hold graphs, and those of TFLite that they are written as.
extension TFLiteExporter {
  static let control = [
    TFLiteEncoder(If.self) { op, _ in
      TFLiteOperation(
        "IF", "IfOptions",
        [
          "then_subgraph_index": .subgraph(op.then),
          "else_subgraph_index": .subgraph(op.otherwise),
        ])
    },
    TFLiteEncoder(While.self) { op, _ in
      TFLiteOperation(
        "WHILE", "WhileOptions",
        [
          "cond_subgraph_index": .subgraph(op.condition), "body_subgraph_index": .subgraph(op.body),
        ])
    },
  ]
}
