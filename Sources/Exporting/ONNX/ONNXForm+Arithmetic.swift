import ONNXSchema
import Operators
import Tensors

extension ONNXForm {
  /// Functions of pairs of elements, with broadcasting.
  static let arithmetic: [ONNXForm] = [
    .elements(Add.self) { op, names, element, file in
      file.clamped(file.add("Add", names), op.clamp, element)
    },
    .elements(AddN.self) { _, names, element, file in
      guard !element.isFloat else { return file.add("Sum", names) }
      return names.dropFirst().reduce(names[0]) { file.add("Add", [$0, $1]) }
    },
    .elements(ArcTangent2.self) { _, names, _, file in file.angle(names[0], names[1]) },
    .bits(BitwiseAnd.self, "BitwiseAnd"),
    .bits(BitwiseOr.self, "BitwiseOr"),
    .bits(BitwiseXor.self, "BitwiseXor"),
    .elements(Divide.self) { op, names, element, file in
      file.clamped(file.add("Div", names), op.clamp, element)
    },
    .stored(FloorDivide.self) { _, names, element, file in
      guard !element.isFloat else { return file.add("Floor", [file.add("Div", names)]) }
      // What is left is a multiple, which no division has to round.
      let rest = file.add("Mod", names)
      return file.add("Div", [file.add("Sub", [names[0], rest]), names[1]])
    },
    .stored(FloorModulo.self) { _, names, element, file in
      element.isFloat ? file.floorModulo(names, element) : file.add("Mod", names)
    },
    .shift(LeftShift.self, "LEFT"),
    .elements(Maximum.self, "Max"),
    .elements(Minimum.self, "Min"),
    .elements(Multiply.self) { op, names, element, file in
      file.clamped(file.add("Mul", names), op.clamp, element)
    },
    ONNXForm(PReLU.self) { _, site, writer in
      let keepsShape = site.shape(0) == site.resultTypes[0].shape
      try writer.elementwise(site) { file, names in
        keepsShape ? file.add("PRelu", names) : file.sloped(names)
      }
    },
    .elements(Power.self, "Pow"),
    .elements(Remainder.self, "Mod") { _ in [.flag("fmod", true)] },
    .shift(RightShift.self, "RIGHT"),
    .elements(SquaredDifference.self) { _, names, _, file in
      let difference = file.add("Sub", names)
      return file.add("Mul", [difference, difference])
    },
    .elements(Subtract.self) { op, names, element, file in
      file.clamped(file.add("Sub", names), op.clamp, element)
    },
  ]

  /// Numbers are taken as they are stored, narrow ones in 32 bits.
  private static func stored<Op: PairwiseOperator>(
    _ type: Op.Type,
    _ body: @escaping @Sendable (Op, [String], ElementType, inout ONNXFile) -> String
  ) -> ONNXForm {
    ONNXForm(type) { op, site, writer in
      let element = site.types[0].element
      try writer.elementwise(site, ofStored: true) { file, names in
        guard element.isNarrow else { return body(op, names, element, &file) }
        return file.cast(body(op, file.widened(names, element), .i32, &file), to: element)
      }
    }
  }

  private static func bits<Op: PairwiseOperator>(_ type: Op.Type, _ kind: String) -> ONNXForm {
    ONNXForm(type) { _, site, writer in
      try writer.elementwise(site, ofStored: true) { file, names in file.add(kind, names) }
    }
  }

  /// The standard shifts integers without a sign.
  private static func shift<Op: PairwiseOperator>(
    _ type: Op.Type, _ direction: String
  ) -> ONNXForm {
    ONNXForm(type) { op, site, writer in
      guard [.u8, .u32, .u64].contains(site.types[0].element) else {
        throw ONNXForm.unsupported(op, "of integers with a sign")
      }
      try writer.elementwise(site, ofStored: true) { file, names in
        file.add("BitShift", names, [.string("direction", direction)])
      }
    }
  }
}

extension ONNXFile {
  /// `x` where it is not negative, and `slope · x` elsewhere.
  fileprivate mutating func sloped(_ names: [String]) -> String {
    let isNegative = add("Less", [names[0], scalar(0, .f32, "zero")])
    return add("Where", [isNegative, add("Mul", names), names[0]])
  }

  /// What is left by a division, moved by the divisor where the signs differ.
  fileprivate mutating func floorModulo(_ names: [String], _ element: ElementType) -> String {
    let zero = scalar(0, element, "zero")
    let rest = add("Mod", names, [.flag("fmod", true)])
    let signs = add("Mul", [add("Sign", [rest]), add("Sign", [names[1]])])
    let differs = add("Less", [signs, zero])
    return add("Where", [differs, add("Add", [rest, names[1]]), rest])
  }

  /// `atan(a / b)`, turned by half a circle where `b` is negative; 0 where both are.
  fileprivate mutating func angle(_ a: String, _ b: String) -> String {
    let zero = scalar(0, .f32, "zero")
    let isLeft = add("Less", [b, zero])
    let half = add(
      "Where", [add("Less", [a, zero]), scalar(-.pi, .f32, "turn"), scalar(.pi, .f32, "turn")])
    let isOrigin = add("And", [add("Equal", [a, zero]), add("Equal", [b, zero])])
    let divisor = add("Where", [isOrigin, scalar(1, .f32, "one"), b])
    let angle = add("Atan", [add("Div", [a, divisor])])
    return add("Add", [angle, add("Where", [isLeft, half, zero])])
  }
}
