#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdint.h>

/// Inner loops of quantized and float neural networks on the CPU.
///
/// Integer kernels follow the TFLite reference kernels bit for bit (gemmlowp fixed point with
/// double rounding, 32-bit accumulators). Where those would overflow, arithmetic here wraps modulo
/// 2³², so no input value is undefined behaviour.
///
/// Every instruction set gives the same bits, float kernels included: a float sum runs in one
/// stated order, and each product is fused into it (`sum = fma(x, w, sum)`).
///
/// Conventions of all functions:
/// - Tensors are dense and row major; activations are [batches][height][width][channels] (NHWC).
/// - Zero points of 8-bit tensors lie between −128 and 127; others are reduced modulo 2⁸ to that.
/// - `row_begin ..< row_end` counts output rows over batches · output height, so that threads can
///   share one call by taking disjoint ranges. Results do not depend on how rows are divided.
/// - Positions outside the input's height and width count as the input's zero point (convolutions),
///   or are not part of the window (pooling).
/// - A call with an extent below 1 does nothing. All else must describe the memory that is passed.
/// - Packed weights that do not belong to a call's shapes, and scratch memory that cannot be had,
///   end the process.

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
} ck_requantization;

/// Weights rearranged for the inner loops of this processor; made once per loaded model, shared by
/// threads.
typedef struct ck_packed_weights ck_packed_weights;

/// The instruction set chosen for this process: "avx512" (with VNNI), "avx2" (with FMA) or
/// "scalar".
///
/// The environment variable `DOVETAIL_ISA` with one of these names forbids every better one.
const char *ck_instruction_set(void);

/// Frees what a `ck_pack_…` function returned; NULL is allowed.
void ck_free_packed_weights(ck_packed_weights *weights);

// MARK: Dense convolution

/// Packs weights [output_channels][kernel_height][kernel_width][input_channels] for `ck_conv2d_i8`.
///
/// A fully connected layer is the 1 × 1 case. NULL if an extent is below 1 or memory runs out.
ck_packed_weights *ck_pack_conv2d_i8(const int8_t *weights, int32_t weight_zero_point,
                                     int32_t output_channels, int32_t kernel_height,
                                     int32_t kernel_width, int32_t input_channels);

/// `output[y, x, o] = requantize(Σ (input − input_zero_point) · (weights[o] − weight_zero_point))`,
/// the sum over the window and all input channels.
///
/// Channels of both shapes and the window's kernel extents are those of the packed weights.
void ck_conv2d_i8(const int8_t *input, ck_shape input_shape, int32_t input_zero_point,
                  const ck_packed_weights *weights, ck_window window,
                  const ck_requantization *requantization, int8_t *output, ck_shape output_shape,
                  int32_t row_begin, int32_t row_end);

/// Packs weights [output_channels][kernel_height][kernel_width][input_channels] for
/// `ck_conv2d_f32`.
ck_packed_weights *ck_pack_conv2d_f32(const float *weights, int32_t output_channels,
                                      int32_t kernel_height, int32_t kernel_width,
                                      int32_t input_channels);

/// `output = min(max(Σ + bias, clamp_min), clamp_max)`, the sum from 0 in the order kernel row,
/// kernel column, input channel.
///
/// `bias` has one value per output channel, or is NULL.
void ck_conv2d_f32(const float *input, ck_shape input_shape, const ck_packed_weights *weights,
                   ck_window window, const float *bias, float clamp_min, float clamp_max,
                   float *output, ck_shape output_shape, int32_t row_begin, int32_t row_end);

// MARK: Depthwise convolution

/// Packs weights [kernel_height][kernel_width][output_channels] for `ck_depthwise_conv2d_i8`.
///
/// NULL if an extent is below 1 or memory runs out.
ck_packed_weights *ck_pack_depthwise_conv2d_i8(const int8_t *weights, int32_t weight_zero_point,
                                               int32_t kernel_height, int32_t kernel_width,
                                               int32_t output_channels);

/// As `ck_conv2d_i8`, each output channel o reading input channel o / m only, where
/// m = output channels / input channels is a whole number.
void ck_depthwise_conv2d_i8(const int8_t *input, ck_shape input_shape, int32_t input_zero_point,
                            const ck_packed_weights *weights, ck_window window,
                            const ck_requantization *requantization, int8_t *output,
                            ck_shape output_shape, int32_t row_begin, int32_t row_end);

/// Packs weights [kernel_height][kernel_width][output_channels] for `ck_depthwise_conv2d_f32`.
ck_packed_weights *ck_pack_depthwise_conv2d_f32(const float *weights, int32_t kernel_height,
                                                int32_t kernel_width, int32_t output_channels);

/// As `ck_conv2d_f32` with the channels of `ck_depthwise_conv2d_i8`; the sum runs over kernel row,
/// kernel column.
void ck_depthwise_conv2d_f32(const float *input, ck_shape input_shape,
                             const ck_packed_weights *weights, ck_window window, const float *bias,
                             float clamp_min, float clamp_max, float *output, ck_shape output_shape,
                             int32_t row_begin, int32_t row_end);

// MARK: Tiles of convolutions, for a simulator that keeps accumulators in memory

/// `accumulators[y, x, o] += Σ (tile − input_zero_point) · (weights[o] − weight_zero_point)`.
///
/// `tile` has `tile_shape` and its padding already in it; `weights` is
/// [o][kernel_height][kernel_width][tile channels], dense, for exactly this tile; `accumulators` is
/// a dense int32 tensor of `accumulator_shape`. Pads of the window are usually 0.
void ck_accumulate_conv2d_i8(const int8_t *tile, ck_shape tile_shape, int32_t input_zero_point,
                             const int8_t *weights, int32_t weight_zero_point, ck_window window,
                             int32_t *accumulators, ck_shape accumulator_shape);

/// The depthwise form of `ck_accumulate_conv2d_i8`, with weights [kernel_height][kernel_width][o].
void ck_accumulate_depthwise_conv2d_i8(const int8_t *tile, ck_shape tile_shape,
                                       int32_t input_zero_point, const int8_t *weights,
                                       int32_t weight_zero_point, ck_window window,
                                       int32_t *accumulators, ck_shape accumulator_shape);

// MARK: Requantization

/// `round(round(value · 2^max(shift, 0) · multiplier / 2³¹) / 2^max(−shift, 0))`: TFLite's
/// MultiplyByQuantizedMultiplier with double rounding. The first rounding takes halves up, the
/// second away from zero.
int32_t ck_requantize(int32_t value, int32_t multiplier, int32_t shift);

/// Requantizes accumulators [height][width][channels], dense, into
/// `output[y · output_row_stride + x · output_pixel_stride + c]` (strides in elements).
void ck_requantize_i32_to_i8(const int32_t *accumulators, int32_t height, int32_t width,
                             int32_t channels, const ck_requantization *requantization,
                             int8_t *output, int64_t output_row_stride,
                             int64_t output_pixel_stride);

/// `output = clamp(ck_requantize(input − input_zero_point, multiplier, shift) + output_zero_point)`
/// to −128 ... 127: QUANTIZE from one 8-bit scale to another.
void ck_requantize_i8_to_i8(const int8_t *input, int64_t count, int32_t input_zero_point,
                            int32_t multiplier, int32_t shift, int32_t output_zero_point,
                            int8_t *output);

// MARK: Element-wise addition

/// Scales of a quantized addition:
/// `output = clamp(ck_requantize(rescaled a + rescaled b, output …) + output_zero_point)`, where an
/// operand q becomes `ck_requantize((q − zero_point) · 2^left_shift, multiplier, shift)`.
typedef struct {
  int32_t a_zero_point, a_multiplier, a_shift;
  int32_t b_zero_point, b_multiplier, b_shift;
  /// Headroom of the operands, in bits: 20 in TFLite's 8-bit addition; limited to 0 ... 31.
  int32_t left_shift;
  int32_t output_zero_point, output_multiplier, output_shift;
  /// The range of the result, limited to −128 ... 127.
  int32_t clamp_min, clamp_max;
} ck_addition;

/// Adds `count` elements of equal shape.
void ck_add_i8(const int8_t *a, const int8_t *b, int64_t count, const ck_addition *addition,
               int8_t *output);

// MARK: Pooling

/// The mean of the window's valid elements, halves away from zero, then clamped; a window with none
/// counts as 0.
///
/// Input and output share scale and zero point, as TFLite demands. Channels of both shapes are
/// equal.
void ck_average_pool_i8(const int8_t *input, ck_shape input_shape, ck_window window,
                        int32_t clamp_min, int32_t clamp_max, int8_t *output, ck_shape output_shape,
                        int32_t row_begin, int32_t row_end);

/// The largest of the window's valid elements, then clamped; a window with none counts as −128.
void ck_max_pool_i8(const int8_t *input, ck_shape input_shape, ck_window window, int32_t clamp_min,
                    int32_t clamp_max, int8_t *output, ck_shape output_shape, int32_t row_begin,
                    int32_t row_end);

/// The sum of the window's valid elements from 0, row by row, over their number; a window with none
/// gives 0. Then clamped.
void ck_average_pool_f32(const float *input, ck_shape input_shape, ck_window window,
                         float clamp_min, float clamp_max, float *output, ck_shape output_shape,
                         int32_t row_begin, int32_t row_end);

/// The largest of the window's valid elements; a window with none gives the lowest finite float.
/// Then clamped.
void ck_max_pool_f32(const float *input, ck_shape input_shape, ck_window window, float clamp_min,
                     float clamp_max, float *output, ck_shape output_shape, int32_t row_begin,
                     int32_t row_end);

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

/// `output = exp(beta · (x − max)) / Σ exp(beta · (x − max))` over rows of `depth` values, summed
/// from first to last.
void ck_softmax_f32(const float *input, int64_t rows, int32_t depth, float beta, float *output);

#ifdef __cplusplus
}
#endif

#endif
