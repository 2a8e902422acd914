#ifndef CKERNELS_ACTIVATION_H
#define CKERNELS_ACTIVATION_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// MARK: Rectifiers

/// Scales of a quantized leaky ReLU: with x = input − input_zero_point,
/// `output = ck_requantize(x, multiplier, shift) + output_zero_point` for x ≥ 0, and with the two
/// alpha fields below; limited to the range of the element type. A negative alpha is multiplied as
/// its magnitude, and the result negated.
///
/// In TFLite the multiplier stands for `input scale / output scale`, and that of alpha for
/// `input scale · alpha / output scale`, both computed from left to right in float32.
typedef struct {
  int32_t input_zero_point, output_zero_point;
  int32_t multiplier, shift;
  int32_t alpha_multiplier, alpha_shift;
} ck_leaky_relu;

/// Leaky ReLU of `count` elements.
void ck_leaky_relu_i8(const int8_t *input, int64_t count, const ck_leaky_relu *parameters,
                      int8_t *output);

/// As `ck_leaky_relu_i8`; TFLite demands zero points of 0.
void ck_leaky_relu_i16(const int16_t *input, int64_t count, const ck_leaky_relu *parameters,
                       int16_t *output);

/// `output = clamp(ck_requantize(input, multiplier, shift))`: ReLU and its bounded relatives on
/// 16-bit elements of zero point 0.
///
/// In TFLite the multiplier stands for `input scale / output scale` in float32, and a bound b of
/// the function becomes `round(b / output scale)`, also in float32.
void ck_relu_i16(const int16_t *input, int64_t count, int32_t multiplier, int32_t shift,
                 int32_t clamp_min, int32_t clamp_max, int16_t *output);

/// Scales of a quantized PReLU: with x = input − input_zero_point,
/// `output = ck_requantize(x, multiplier, shift) + output_zero_point` for x ≥ 0, and
/// `ck_requantize(x · (alpha − alpha_zero_point), alpha_multiplier, alpha_shift) +
/// output_zero_point` below; limited to −128 ... 127.
///
/// In TFLite the multipliers stand for `input scale / output scale` and
/// `input scale · alpha scale / output scale`, both computed from left to right in float32.
typedef struct {
  int32_t input_zero_point, alpha_zero_point, output_zero_point;
  int32_t multiplier, shift;
  int32_t alpha_multiplier, alpha_shift;
} ck_prelu;

/// PReLU over an input [rows][channels] with one alpha per channel. An alpha for every element is
/// the case of one row.
void ck_prelu_i8(const int8_t *input, const int8_t *alpha, int64_t rows, int64_t channels,
                 const ck_prelu *parameters, int8_t *output);

// MARK: Hard swish

/// Scales of a quantized hard swish, x · min(max(x + 3, 0), 6) / 6, in 16-bit fixed point.
///
/// In TFLite, with `fine = (1 / 128) · input scale`, the output multiplier stands for
/// `fine / output scale` and the reluish one for `fine / (3 / 32768)`, all in float32. Each becomes
/// a Q0.31 multiplier m and a shift as for `ck_requantize`, and m then 16 bits:
/// `(m + 2¹⁵) >> 16`, but 32767 where m ≥ 2³¹ − 1 − 2¹⁵. TFLite refuses an output shift above 0.
typedef struct {
  int32_t input_zero_point, output_zero_point;
  /// Limited to 16 bits.
  int32_t reluish_multiplier;
  /// Positive to the left; limited to −31 ... 31.
  int32_t reluish_shift;
  /// Limited to 16 bits.
  int32_t output_multiplier;
  /// Limited to −31 ... 0.
  int32_t output_shift;
} ck_hard_swish;

/// TFLite's reference hard swish, with its roundings.
void ck_hard_swish_i8(const int8_t *input, int64_t count, const ck_hard_swish *parameters,
                      int8_t *output);

// MARK: Functions as tables

/// `output = table[input + 128]`.
void ck_lookup_i8(const int8_t *input, int64_t count, const int8_t table[256], int8_t *output);

// MARK: Logistic and tanh as quotients

/// `1 / (1 + exp(−x))` as a quotient of polynomials plus 1/2, for x limited to −18 ... 18: within 10⁻⁷
/// of the function, which is much of a result near 0. The arithmetic of ONNX Runtime, with the same
/// bits on every processor.
void ck_quotient_logistic_f32(const float *input, int64_t count, float *output);

/// `tanh(x)` as a quotient of polynomials, for x limited to −9 ... 9.
void ck_quotient_tanh_f32(const float *input, int64_t count, float *output);

/// `tanh(x)` as the same quotient with all products rounded, for x limited to −10 ... 10: ONNX
/// Runtime's in gated recurrent units.
void ck_rounded_tanh_f32(const float *input, int64_t count, float *output);

/// `(1 + tanh(x / 2)) / 2` with that tanh.
void ck_rounded_logistic_f32(const float *input, int64_t count, float *output);

// MARK: 16-bit logistic and tanh

/// LOGISTIC from zero point 0 to scale 1/32768 and zero point 0, by interpolation in a table of 256
/// values.
///
/// `input · multiplier / 2^right_shift` has to be in steps of 1/12288. TFLite takes multiplier 3
/// and shift 0 for the input scale 1/4096. For any other, the multiplier is `input scale · 12288 ·
/// 2^right_shift` truncated, in float64, with the least shift that brings it above 16383.5 (at most
/// 31, and 0 if it is above already).
void ck_logistic_i16(const int16_t *input, int64_t count, int32_t multiplier, int32_t right_shift,
                     int16_t *output);

/// TANH, with the scales of `ck_logistic_i16`, and multiplier 6 and shift 0 for the input scale
/// 1/2048 as well.
void ck_tanh_i16(const int16_t *input, int64_t count, int32_t multiplier, int32_t right_shift,
                 int16_t *output);

#ifdef __cplusplus
}
#endif

#endif
