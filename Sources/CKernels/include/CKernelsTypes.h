#ifndef CKERNELS_TYPES_H
#define CKERNELS_TYPES_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Extents of an activation tensor, in elements.
typedef struct {
  int32_t batches, height, width, channels;
} ck_shape;

/// A window sliding over height and width.
///
/// Output row y reads input rows `y · stride_height − pad_top + k · dilation_height` for k in
/// 0 ..< kernel_height, and columns alike.
typedef struct {
  int32_t kernel_height, kernel_width;
  int32_t stride_height, stride_width;
  int32_t dilation_height, dilation_width;
  int32_t pad_top, pad_left;
} ck_window;

/// How a 32-bit sum is brought to the output's scale.
typedef enum {
  /// `ck_requantize(sum, multiplier, shift)`: TFLite's reference convolutions.
  ck_rounding_fixed_point = 0,
  /// `round(sum · scale)` in float64, halves away from zero: LiteRT's reference kernel of fully
  /// connected layers (its release 2.3; TFLite before it used fixed point), with the scale
  /// `double(input scale) · double(weight scale) / double(output scale)`.
  ck_rounding_half_away = 1,
  /// `round(float(sum) · float(scale))` in float32, halves to even: ONNX.
  ck_rounding_half_even = 2
} ck_rounding;

/// How 32-bit accumulators become 8-bit values:
/// `clamp(rescale(accumulator + bias) + output_zero_point)`.
///
/// The zero point is added without overflow.
typedef struct {
  /// One per output channel, or NULL for none.
  const int32_t *bias;
  ck_rounding rounding;
  /// One per output channel, for fixed point: Q0.31 factors, from 2³⁰ to 2³¹ − 1 in sound models.
  const int32_t *multipliers;
  /// One per output channel, for fixed point: powers of two, positive to the left; limited to
  /// −31 ... 31.
  const int32_t *shifts;
  /// One per output channel, for the other roundings. A product beyond 32 bits saturates; NaN
  /// counts as the least.
  const double *scales;
  int32_t output_zero_point;
  /// The range of the result, limited to −128 ... 127.
  int32_t clamp_min, clamp_max;
  /// 1 if the input, where a function reads 8-bit activations, and the output are unsigned bytes:
  /// the signed ones with their highest bit flipped. Zero points and range are those of signed
  /// bytes.
  int32_t is_unsigned;
} ck_requantization;

/// How 64-bit sums of 16-bit activations and 8-bit weights become 16-bit values:
/// `clamp(rescale(sum + bias) + output_zero_point)`.
///
/// What the reference kernels of LiteRT 2.3 do:
/// - CONV_2D and TRANSPOSE_CONV: `ck_rounding_fixed_point` of as many bits as the bias has; 64
///   without bias. (Later sources of CONV_2D round halves away from zero in float64.)
/// - DEPTHWISE_CONV_2D: `ck_rounding_fixed_point` of 64 bits.
/// - FULLY_CONNECTED: `ck_rounding_half_away` of as many bits as the bias has, with the scale
///   `double(input scale) · double(weight scale) / double(output scale)`.
///
/// The multipliers stand for that scale, too.
typedef struct {
  /// One per output channel, or NULL for none. A 32-bit bias is widened.
  const int64_t *bias;
  /// For fixed point, `ck_requantize_i64` or, of 32 bits, `ck_requantize`. The other roundings
  /// saturate to 32 bits.
  ck_rounding rounding;
  /// 32 reduces the sum modulo 2³²; 64 keeps it.
  int32_t accumulator_bits;
  /// As in `ck_requantization`.
  const int32_t *multipliers, *shifts;
  const double *scales;
  int32_t output_zero_point;
  /// The range of the result, limited to 16 bits.
  int32_t clamp_min, clamp_max;
} ck_requantization_i16;

/// How float products are added to their sum, the order being the same for both, and the bits the
/// same on all processors.
typedef enum {
  /// Rounded before they are added: TFLite's reference kernels.
  ck_products_rounded = 0,
  /// In one step with one rounding, which is twice as fast: ONNX, which states no order.
  ck_products_fused = 1
} ck_products;

/// Weights rearranged for the inner loops of this processor; made once per loaded model, shared by
/// threads.
typedef struct ck_packed_weights ck_packed_weights;

/// Frees what a `ck_pack_…` function returned; NULL is allowed.
void ck_free_packed_weights(ck_packed_weights *weights);

#ifdef __cplusplus
}
#endif

#endif
