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
      return file.add("Not", [file.add("Equal", file.comparable(names, element))])
    },
    ONNXForm(Select.self) { op, site, writer in
      guard !op.selectsRows || site.shape(0).rank == site.shape(1).rank else {
        return try writer.selectRows(site)
      }
      try writer.elementwise(site) { file, names in file.add("Where", names) }
    },
  ]

  private static func comparison<Op: ComparisonOperator>(
    _ type: Op.Type, _ kind: String
  ) -> ONNXForm {
    .elements(type) { _, names, element, file in
      file.add(kind, file.comparable(names, element))
    }
  }
}

extension ONNXFile {
  /// Operands as ONNX Runtime compares them: narrow integers in 32 bits.
  fileprivate mutating func comparable(_ names: [String], _ element: ElementType) -> [String] {
    guard [.i8, .u8, .i16, .u16].contains(element) else { return names }
    return names.map { cast($0, to: .i32) }
  }
}

extension ONNXGraphWriter {
  /// The condition has an element for each index of the first axis.
  fileprivate mutating func selectRows(_ site: ONNXSite) throws {
    let rank = site.shape(1).rank
    let column = site.shape(0).extents + Array(repeating: 1, count: rank - site.shape(0).rank)
    let condition = file.reshape(try stored(site.operands[0]), column)
    let branches = try site.operands[1...].map { try real($0) }
    define(site.results[0], .plain(rank), as: file.add("Where", [condition] + branches))
  }
}
