#ifndef CKERNELS_NORMALIZATION_H
#define CKERNELS_NORMALIZATION_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// MARK: Softmax

/// Softmax over `rows` rows of `depth` values, to scale 1/256 and zero point −128.
///
/// In TFLite's fixed point: differences d to the row's maximum become Q5.26 by
/// `ck_requantize(d, input_multiplier, input_left_shift)`, their exponentials are Q0.31 and the sum
/// is Q12.19. Differences below `diff_min` give −128.
///
/// The TFLite reference aborts when the exponentials sum to 512 or more. No output then exceeds
/// half a step, so all are −128.
void ck_softmax_i8(const int8_t *input, int64_t rows, int32_t depth, int32_t input_multiplier,
                   int32_t input_left_shift, int32_t diff_min, int8_t *output);

/// As `ck_softmax_i8`, to scale 1/65536 and zero point −32768; where the exponentials sum to 8192 or
/// more, all are −32768.
void ck_softmax_i8_i16(const int8_t *input, int64_t rows, int32_t depth, int32_t input_multiplier,
                       int32_t input_left_shift, int32_t diff_min, int16_t *output);

/// `output = exp(beta · (x − max)) / Σ exp(beta · (x − max))` over rows of `depth` values, summed
/// from first to last.
void ck_softmax_f32(const float *input, int64_t rows, int32_t depth, float beta, float *output);

/// Softmax over `rows` rows of `depth` values, to scale 1/32768 and zero point 0: TFLite's kernel
/// for 16 bits, which interpolates in tables of `exp` and of the reciprocal.
///
/// In TFLite the multiplier stands for `input scale · beta / (10 / 65535)`, the first product in
/// float32, the quotient in float64. Where the exponentials sum to 65536 or more, all are 0.
void ck_softmax_i16(const int16_t *input, int64_t rows, int32_t depth, int32_t input_multiplier,
                    int32_t input_shift, int16_t *output);

// MARK: Log softmax

/// Scales of a quantized log softmax, to scale 1/16 and zero point 127.
///
/// With TFLite's left shift s and multiplier m of `min(input scale · 2²⁶, 2³¹ − 1)`, in float64:
/// - `multiplier` = m, `shift` = s, as for a softmax of beta 1;
/// - `reverse_multiplier`, `reverse_shift` stand for `2^(31 − s) / m`;
/// - `diff_min` = −floor(31 · 2²⁶ / 2^s).
typedef struct {
  int32_t multiplier, shift;
  int32_t reverse_multiplier, reverse_shift;
  int32_t diff_min;
} ck_log_softmax;

/// Log softmax over `rows` rows of `depth` values, in the fixed point of `ck_softmax_i8`; sums of
/// exponentials saturate at 4096.
void ck_log_softmax_i8(const int8_t *input, int64_t rows, int32_t depth,
                       const ck_log_softmax *parameters, int8_t *output);

/// `output = x − max − log(Σ exp(x − max))` over rows of `depth` values, summed from first to last.
void ck_log_softmax_f32(const float *input, int64_t rows, int32_t depth, float *output);

// MARK: In vectors

/// Softmax over rows of `depth` values with the exponential as a polynomial and sums in 16 lanes:
/// the arithmetic of ONNX Runtime, with the same bits on every processor.
///
/// Value i goes into lane i mod 16. Lanes 8 to 15 are then added to 0 to 7, and of these neighbours,
/// neighbouring pairs and both halves. Exponentials are multiplied with the reciprocal of the sum.
void ck_vector_softmax_f32(const float *input, int64_t rows, int32_t depth, float beta,
                           float *output);

/// `output = x − max − log(Σ exp(x − max))` with the sum of `ck_vector_softmax_f32`.
void ck_vector_log_softmax_f32(const float *input, int64_t rows, int32_t depth, float *output);

// MARK: L2 normalization

/// `x / sqrt(Σ x²)` for x = input − input_zero_point, over rows of `depth` values, to scale 1/128
/// and zero point 0, with TFLite's fixed-point root.
void ck_l2_normalize_i8(const int8_t *input, int64_t rows, int32_t depth, int32_t input_zero_point,
                        int8_t *output);

/// As `ck_l2_normalize_i8`, to zero point 128; TFLite's kernel for unsigned bytes multiplies by 128
/// before it rounds.
void ck_l2_normalize_u8(const uint8_t *input, int64_t rows, int32_t depth, int32_t input_zero_point,
                        uint8_t *output);

/// `output = x / max(sqrt(Σ x²), 10⁻⁶)` over rows of `depth` values, summed from first to last.
void ck_l2_normalize_f32(const float *input, int64_t rows, int32_t depth, float *output);

#ifdef __cplusplus
}
#endif

#endif
