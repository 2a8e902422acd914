import CKernels
import Hardware
import Operators
import ProgramSchema

// The commands of the output stage, as structs of C and back.

extension dovetail_rescale {
  init(_ rescale: Rescale) {
    self.init(
      accumulators: dovetail_span(rescale.accumulators),
      parameters: dovetail_span(rescale.parameters), result: dovetail_tile(rescale.result),
      rounding: rescale.rounding.number, zero_point: rescale.zeroPoint,
      clamp_lower: rescale.clampLower, clamp_upper: rescale.clampUpper,
      has_activation: rescale.hasActivation ? 1 : 0, is_unsigned: rescale.isUnsigned ? 1 : 0)
  }
}

extension Rescale {
  init(_ rescale: dovetail_rescale) throws {
    self.init(
      accumulators: Span(rescale.accumulators), parameters: Span(rescale.parameters),
      rounding: try choice(rescale.rounding, of: Rounding.numbered, "rounding"),
      zeroPoint: rescale.zero_point, clampLower: rescale.clamp_lower,
      clampUpper: rescale.clamp_upper,
      hasActivation: try flag(rescale.has_activation, "has_activation"),
      result: Tile(rescale.result), isUnsigned: try flag(rescale.is_unsigned, "is_unsigned"))
  }
}

extension dovetail_pool {
  init(_ pool: Pool) {
    self.init(
      input: dovetail_span(pool.input), result: dovetail_tile(pool.result),
      window: dovetail_window(pool.window), input_height: Int32(pool.inputHeight),
      input_width: Int32(pool.inputWidth), pad_top: Int32(pool.padBefore.height),
      pad_left: Int32(pool.padBefore.width), is_maximum: pool.isMaximum ? 1 : 0,
      clamp_lower: pool.clampLower, clamp_upper: pool.clampUpper,
      is_unsigned: pool.isUnsigned ? 1 : 0)
  }
}

extension Pool {
  init(_ pool: dovetail_pool) throws {
    self.init(
      input: Span(pool.input), inputHeight: Int(pool.input_height),
      inputWidth: Int(pool.input_width),
      padBefore: Spatial(height: Int(pool.pad_top), width: Int(pool.pad_left)),
      window: TileWindow(pool.window), isMaximum: try flag(pool.is_maximum, "is_maximum"),
      clampLower: pool.clamp_lower, clampUpper: pool.clamp_upper, result: Tile(pool.result),
      isUnsigned: try flag(pool.is_unsigned, "is_unsigned"))
  }
}

extension dovetail_add {
  init(_ add: AddTiles) {
    let form = add.form
    self.init(
      first: dovetail_span(add.first), second: dovetail_span(add.second),
      result: dovetail_tile(add.result), a_zero_point: form.a_zero_point,
      a_multiplier: form.a_multiplier, a_shift: form.a_shift, b_zero_point: form.b_zero_point,
      b_multiplier: form.b_multiplier, b_shift: form.b_shift, left_shift: form.left_shift,
      output_zero_point: form.output_zero_point, output_multiplier: form.output_multiplier,
      output_shift: form.output_shift, clamp_lower: form.clamp_min, clamp_upper: form.clamp_max,
      is_single: form.is_single, a_factor: form.a_factor, b_factor: form.b_factor,
      offset: form.offset, origin: form.origin, is_unsigned: add.isUnsigned ? 1 : 0)
  }
}

extension AddTiles {
  init(_ add: dovetail_add) throws {
    let form = ck_addition(
      a_zero_point: add.a_zero_point, a_multiplier: add.a_multiplier, a_shift: add.a_shift,
      b_zero_point: add.b_zero_point, b_multiplier: add.b_multiplier, b_shift: add.b_shift,
      left_shift: add.left_shift, output_zero_point: add.output_zero_point,
      output_multiplier: add.output_multiplier, output_shift: add.output_shift,
      clamp_min: add.clamp_lower, clamp_max: add.clamp_upper,
      is_single: try flag(add.is_single, "is_single") ? 1 : 0, a_factor: add.a_factor,
      b_factor: add.b_factor, offset: add.offset, origin: add.origin)
    self.init(
      first: Span(add.first), second: Span(add.second), form: form, result: Tile(add.result),
      isUnsigned: try flag(add.is_unsigned, "is_unsigned"))
  }
}

extension dovetail_softmax {
  init(_ softmax: SoftmaxRows) {
    let scaling = softmax.scaling
    self.init(
      input: dovetail_span(softmax.input), result: dovetail_span(softmax.result),
      rows: Int32(softmax.rows), depth: Int32(softmax.depth),
      multiplier: scaling.factor.multiplier, shift: scaling.factor.shift,
      smallest_difference: scaling.smallestDifference, is_unsigned: softmax.isUnsigned ? 1 : 0)
  }
}

extension SoftmaxRows {
  init(_ softmax: dovetail_softmax) throws {
    let factor = FixedPoint(multiplier: softmax.multiplier, shift: softmax.shift)
    self.init(
      input: Span(softmax.input), rows: Int(softmax.rows), depth: Int(softmax.depth),
      scaling: Softmax.Scaling(
        factor: factor, smallestDifference: softmax.smallest_difference),
      result: Span(softmax.result), isUnsigned: try flag(softmax.is_unsigned, "is_unsigned"))
  }
}

extension ArrayMode {
  /// In the order of their numbers in files.
  static let numbered: [ArrayMode] = [.depthFirst, .kernelFirst, .depthwise]

  var number: Int32 {
    switch self {
    case .depthFirst: Int32(dovetail_mode_depth_first.rawValue)
    case .kernelFirst: Int32(dovetail_mode_kernel_first.rawValue)
    case .depthwise: Int32(dovetail_mode_depthwise.rawValue)
    }
  }
}

extension Rescale.Rounding {
  /// In the order of their numbers in files.
  static let numbered: [Self] = [.fixedPoint, .real, .single]

  var number: Int32 {
    switch self {
    case .fixedPoint: Int32(dovetail_rounding_fixed_point.rawValue)
    case .real: Int32(dovetail_rounding_real.rawValue)
    case .single: Int32(dovetail_rounding_single.rawValue)
    }
  }
}
