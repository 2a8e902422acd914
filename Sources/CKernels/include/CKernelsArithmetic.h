#ifndef CKERNELS_ARITHMETIC_H
#define CKERNELS_ARITHMETIC_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// MARK: Element-wise addition and subtraction

/// Scales of a quantized addition:
/// `output = clamp(ck_requantize(rescaled a + rescaled b, output …) + output_zero_point)`, where an
/// operand q becomes `ck_requantize((q − zero_point) · 2^left_shift, multiplier, shift)`.
///
/// With `twice = 2 · max(a scale, b scale)`, TFLite's multipliers stand for `a scale / twice`,
/// `b scale / twice` and `twice / (2^left_shift · output scale)`, all in float64.
typedef struct {
  int32_t a_zero_point, a_multiplier, a_shift;
  int32_t b_zero_point, b_multiplier, b_shift;
  /// Headroom of the operands, in bits: in TFLite 20 for 8-bit and 15 for 16-bit elements; limited
  /// to 0 ... 31.
  int32_t left_shift;
  int32_t output_zero_point, output_multiplier, output_shift;
  /// The range of the result, limited to that of the element type.
  int32_t clamp_min, clamp_max;
  /// 1 for ONNX Runtime's arithmetic, of 8-bit elements alone, in float32 and with products that
  /// are not rounded before they are added:
  /// `output = clamp(round((a + origin) · a_factor + ((b + origin) · b_factor + offset)) − origin)`,
  /// halves to even, where `origin` is 128 for bytes that are unsigned in the model.
  int32_t is_single;
  float a_factor, b_factor, offset;
  int32_t origin;
} ck_addition;

/// Adds `count` elements of equal shape.
void ck_add_i8(const int8_t *a, const int8_t *b, int64_t count, const ck_addition *addition,
               int8_t *output);

/// As `ck_add_i8` for 16-bit elements.
void ck_add_i16(const int16_t *a, const int16_t *b, int64_t count, const ck_addition *addition,
                int16_t *output);

/// As `ck_add_i8`, with `rescaled a − rescaled b`.
void ck_subtract_i8(const int8_t *a, const int8_t *b, int64_t count, const ck_addition *addition,
                    int8_t *output);

/// As `ck_subtract_i8` for 16-bit elements.
void ck_subtract_i16(const int16_t *a, const int16_t *b, int64_t count, const ck_addition *addition,
                     int16_t *output);

/// `output = clamp(round(a / 2^a_right_shift) + round(b / 2^b_right_shift))`, halves away from
/// zero: TFLite's 16-bit addition where `pot_scale_int16` is set and all three scales are powers of
/// two.
///
/// A right shift is log2(output scale / operand scale), limited to 0 ... 31; TFLite demands that
/// one of them is 0.
void ck_add_power_of_two_i16(const int16_t *a, int32_t a_right_shift, const int16_t *b,
                             int32_t b_right_shift, int64_t count, int32_t clamp_min,
                             int32_t clamp_max, int16_t *output);

/// As `ck_add_power_of_two_i16`, with the difference.
void ck_subtract_power_of_two_i16(const int16_t *a, int32_t a_right_shift, const int16_t *b,
                                  int32_t b_right_shift, int64_t count, int32_t clamp_min,
                                  int32_t clamp_max, int16_t *output);

// MARK: Element-wise multiplication

/// Scales of a quantized multiplication:
/// `output = clamp(ck_requantize((a − a_zero_point) · (b − b_zero_point), multiplier, shift) +
/// output_zero_point)`.
///
/// In TFLite the multiplier stands for `a scale · b scale / output scale`, computed from left to
/// right in float32.
typedef struct {
  int32_t a_zero_point, b_zero_point;
  int32_t output_zero_point, multiplier, shift;
  /// The range of the result, limited to that of the element type.
  int32_t clamp_min, clamp_max;
  /// 1 for ONNX Runtime's arithmetic, of 8-bit elements alone: products are multiplied with `factor`
  /// in float32, and rounded with halves to even once the zero point is added.
  int32_t is_single;
  float factor;
} ck_multiplication;

/// Multiplies `count` elements of equal shape.
void ck_multiply_i8(const int8_t *a, const int8_t *b, int64_t count,
                    const ck_multiplication *multiplication, int8_t *output);

/// As `ck_multiply_i8` for 16-bit elements.
void ck_multiply_i16(const int16_t *a, const int16_t *b, int64_t count,
                     const ck_multiplication *multiplication, int16_t *output);

/// As `ck_multiply_i8`, with the quotient of the operands in the fixed point of gemmlowp; a quotient
/// by zero counts as 0.
///
/// In TFLite the multiplier stands for `a scale / (b scale · output scale)`, computed in float32.
void ck_divide_i8(const int8_t *a, const int8_t *b, int64_t count,
                  const ck_multiplication *division, int8_t *output);

/// As `ck_divide_i8` for 16-bit elements.
void ck_divide_i16(const int16_t *a, const int16_t *b, int64_t count,
                   const ck_multiplication *division, int16_t *output);

#ifdef __cplusplus
}
#endif

#endif
