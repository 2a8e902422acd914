import GraphIR
import Operators

extension ONNXForm {
  /// Functions of each element by itself.
  static let functions: [ONNXForm] = [
    .elements(Abs.self, "Abs"),
    .elements(Acos.self, "Acos"),
    .elements(Acosh.self, "Acosh"),
    .elements(Asin.self, "Asin"),
    .elements(Asinh.self, "Asinh"),
    .elements(Atan.self, "Atan"),
    .elements(Atanh.self, "Atanh"),
    .stored(BitwiseNot.self, "BitwiseNot"),
    .elements(Ceil.self, "Ceil"),
    .elements(Cos.self, "Cos"),
    .elements(Cosh.self, "Cosh"),
    .elements(Erf.self, "Erf"),
    .elements(Exp.self, "Exp"),
    .elements(FakeQuantize.self) { op, names, _, file in file.fakeQuantized(names[0], op) },
    .elements(Floor.self, "Floor"),
    .elements(IsInfinite.self, "IsInf") {
      [
        .flag("detect_negative", $0.findsNegative), .flag("detect_positive", $0.findsPositive),
      ]
    },
    .elements(IsNaN.self, "IsNaN"),
    .elements(Log.self, "Log"),
    .elements(LogicalNot.self, "Not"),
    // Stored numbers change their sign, whatever the zero point.
    .stored(Negate.self, "Neg"),
    .elements(Reciprocal.self, "Reciprocal"),
    .elements(ReciprocalSquareRoot.self) { _, names, _, file in
      file.add("Reciprocal", [file.add("Sqrt", names)])
    },
    .elements(Round.self, "Round"),
    .elements(Sign.self, "Sign"),
    .elements(Sin.self, "Sin"),
    .elements(Sinh.self, "Sinh"),
    .elements(Square.self) { _, names, _, file in file.add("Mul", names + names) },
    .elements(SquareRoot.self, "Sqrt"),
    .elements(Tan.self, "Tan"),
    .elements(Tanh.self, "Tanh"),
  ]

  /// Numbers are taken as they are stored.
  private static func stored<Op: Operator>(_ type: Op.Type, _ kind: String) -> ONNXForm {
    ONNXForm(type) { _, site, writer in
      try writer.elementwise(site, ofStored: true) { file, names in file.add(kind, names) }
    }
  }
}

extension ONNXFile {
  /// `⌊(clip(x) − smallest) / scale + 1/2⌋ · scale + smallest`.
  fileprivate mutating func fakeQuantized(_ x: String, _ op: FakeQuantize) -> String {
    let (first, last) = (Float(op.isNarrow ? 1 : 0), Float((1 << op.bits) - 1))
    let scale = (op.upper - op.lower) / (last - first)
    let zeroPoint = min(max(first - op.lower / scale, first), last)
      .rounded(.toNearestOrAwayFromZero)
    let (smallest, largest) = ((first - zeroPoint) * scale, (last - zeroPoint) * scale)
    let clipped = clamped(x, Clamp(lower: smallest, upper: largest), .f32)
    let low = scalar(Double(smallest), .f32, "smallest")
    let shifted = add("Sub", [clipped, low])
    let steps = add("Mul", [shifted, scalar(Double(1 / scale), .f32, "steps")])
    let whole = add("Floor", [add("Add", [steps, scalar(0.5, .f32, "half")])])
    return add("Add", [add("Mul", [whole, scalar(Double(scale), .f32, "scale")]), low])
  }
}
