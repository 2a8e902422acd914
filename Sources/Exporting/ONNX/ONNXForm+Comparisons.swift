import Operators
import Tensors

extension ONNXForm {
  /// Relations of elements, and what is done with truth values.
  static let comparisons: [ONNXForm] = [
    .comparison(Equal.self, "Equal"),
    .comparison(Greater.self, "Greater"),
    .comparison(GreaterEqual.self, "GreaterOrEqual"),
    .comparison(Less.self, "Less"),
    .comparison(LessEqual.self, "LessOrEqual"),
    .elements(LogicalAnd.self, "And"),
    .elements(LogicalOr.self, "Or"),
    .elements(NotEqual.self) { _, names, element, file in
      guard element != .bool else { return file.add("Xor", names) }
      return file.add("Not", [file.add("Equal", file.widened(names, element))])
    },
    ONNXForm(Select.self) { op, site, writer in
      guard !op.selectsRows || site.shape(0).rank == site.shape(1).rank else {
        return try writer.selectRows(site)
      }
      let isTruth = site.types[1].element == .bool
      try writer.elementwise(site) { file, names in
        isTruth ? file.chosenTruth(names) : file.add("Where", names)
      }
    },
  ]

  private static func comparison<Op: ComparisonOperator>(
    _ type: Op.Type, _ kind: String
  ) -> ONNXForm {
    ONNXForm(type) { op, site, writer in
      // Integers of 16 bits have an order as they are stored.
      let isStored = site.types[0].element == .i16 && !(op is Equal)
      let element = isStored ? .i16 : site.realElement(0)
      try writer.elementwise(site, ofStored: isStored) { file, names in
        file.add(kind, file.widened(names, element))
      }
    }
  }
}

extension ElementType {
  /// Whether ONNX Runtime computes with such integers in 32 bits only.
  var isNarrow: Bool { [.i8, .u8, .i16, .u16].contains(self) }
}

extension ONNXFile {
  /// Operands as ONNX Runtime computes with them: narrow integers in 32 bits.
  mutating func widened(_ names: [String], _ element: ElementType) -> [String] {
    element.isNarrow ? names.map { cast($0, to: .i32) } : names
  }
}

extension ONNXFile {
  /// ONNX Runtime chooses among numbers only: `c ∧ a ∨ ¬c ∧ b`.
  fileprivate mutating func chosenTruth(_ names: [String]) -> String {
    let first = add("And", [names[0], names[1]])
    return add("Or", [first, add("And", [add("Not", [names[0]]), names[2]])])
  }
}

extension ONNXGraphWriter {
  /// The condition has an element for each index of the first axis.
  fileprivate mutating func selectRows(_ site: ONNXSite) throws {
    let rank = site.shape(1).rank
    let column = site.shape(0).extents + Array(repeating: 1, count: rank - site.shape(0).rank)
    let condition = file.reshape(try stored(site.operands[0]), column)
    let branches = try site.operands[1...].map { try real($0) }
    let names = [condition] + branches
    let isTruth = site.types[1].element == .bool
    let chosen = isTruth ? file.chosenTruth(names) : file.add("Where", names)
    define(site.results[0], .plain(rank), as: chosen)
  }
}
