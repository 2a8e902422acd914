import GraphIR
import Operators
import Support

/// Operators of TFLite that compare, and those that combine or use the answers, and what they become.
extension TFLiteImporter {
  static let logic: [String: TFLiteConverter] = [
    "EQUAL": { $0.becomes(Equal()) },
    "GREATER": { $0.becomes(Greater()) },
    "GREATER_EQUAL": { $0.becomes(GreaterEqual()) },
    "LESS": { $0.becomes(Less()) },
    "LESS_EQUAL": { $0.becomes(LessEqual()) },
    "LOGICAL_AND": { $0.becomes(LogicalAnd()) },
    "LOGICAL_NOT": { $0.becomes(LogicalNot()) },
    "LOGICAL_OR": { $0.becomes(LogicalOr()) },
    "NOT_EQUAL": { $0.becomes(NotEqual()) },
    "SELECT": { node in
      // The condition has the operands' shape, one element, or one for each of their rows.
      let condition = try node.operandType(0).shape
      let isOfRows = try condition.rank == 1 && node.operandType(1).shape.rank > 1
      return node.becomes(Select(selectsRows: isOfRows && condition.elementCount > 1))
    },
  ]
}
