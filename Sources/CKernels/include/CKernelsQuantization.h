#ifndef CKERNELS_QUANTIZATION_H
#define CKERNELS_QUANTIZATION_H

#include <stdint.h>

#include "CKernelsTypes.h"

#ifdef __cplusplus
extern "C" {
#endif

// MARK: Requantization

/// `round(round(value · 2^max(shift, 0) · multiplier / 2³¹) / 2^max(−shift, 0))`: TFLite's
/// MultiplyByQuantizedMultiplier with double rounding. The first rounding takes halves up, the
/// second away from zero.
int32_t ck_requantize(int32_t value, int32_t multiplier, int32_t shift);

/// `round(value · round(multiplier / 2¹⁶) / 2^(15 − shift))`, halves up, saturating to 32 bits:
/// TFLite's MultiplyByQuantizedMultiplier of a 64-bit value, in which the multiplier has 15 bits.
///
/// The shift is limited to −31 ... 14; products wrap modulo 2⁶⁴.
int32_t ck_requantize_i64(int64_t value, int32_t multiplier, int32_t shift);

/// Requantizes accumulators [height][width][channels], dense, into
/// `output[y · output_row_stride + x · output_pixel_stride + c]` (strides in elements).
void ck_requantize_i32_to_i8(const int32_t *accumulators, int32_t height, int32_t width,
                             int32_t channels, const ck_requantization *requantization,
                             int8_t *output, int64_t output_row_stride,
                             int64_t output_pixel_stride);

// MARK: Conversions between scales and types

/// Integer element types.
typedef enum {
  ck_element_i8 = 0,
  ck_element_u8 = 1,
  ck_element_i16 = 2,
  ck_element_i32 = 3
} ck_element;

/// How a quantized value passes to another scale:
/// `ck_requantize(input − input_zero_point, multiplier, shift) + output_zero_point`.
///
/// In TFLite's QUANTIZE the multiplier stands for `input scale / output scale` in float64.
typedef struct {
  int32_t input_zero_point, multiplier, shift, output_zero_point;
} ck_rescaling;

/// QUANTIZE from one integer type and scale to another, limited to the range of the output's type.
///
/// The difference to the input's zero point wraps; the output's is added without overflow.
void ck_requantize_elements(const void *input, ck_element input_element, int64_t count,
                            const ck_rescaling *rescaling, void *output, ck_element output_element);

/// `output = (input − zero_point) · scale`, rounded once: DEQUANTIZE.
void ck_dequantize_f32(const void *input, ck_element input_element, int64_t count, float scale,
                       int32_t zero_point, float *output);

/// `output = zero_point + round(input · factor)` in float32, halves away from zero, limited to
/// `least ... 127`; NaN gives 0: the activations of dynamic-range operators.
///
/// Whole eights are rounded as TFLite's vectors are: by truncating after 1/2 is added, which may
/// itself round up what is just below 1/2.
void ck_quantize_dynamically(const float *input, int64_t count, float factor, int32_t zero_point,
                             int32_t least, int8_t *output);

/// `output = round(input / scale) + zero_point` in float32, halves to even, limited to
/// `least ... largest`, of which the low 8 bits are stored; NaN gives 0: ONNX's `QuantizeLinear`.
///
/// The zero point is that of a byte, as are the limits.
void ck_quantize_half_even(const float *input, int64_t count, float scale, int32_t zero_point,
                           int32_t least, int32_t largest, int8_t *output);

/// `output = clamp(float(sum) · (scale · scales[c]) + bias[c])` in float32, for `pixels` pixels of
/// `channels` sums: what comes behind the sums of dynamic-range operators. `bias` may be NULL.
///
/// It is `(float(sum) · scales[c]) · scale` if it `takes_channel_first`.
void ck_finish_dynamic_sums(const int32_t *sums, int64_t pixels, int32_t channels, float scale,
                            const float *scales, int32_t takes_channel_first, const float *bias,
                            float clamp_min, float clamp_max, float *output);

/// `to = from XOR 128`: from unsigned bytes to signed ones of a zero point lower by 128, and back.
/// Both may be the same memory.
void ck_flip_sign_bits(const uint8_t *from, int64_t count, uint8_t *to);

#ifdef __cplusplus
}
#endif

#endif
