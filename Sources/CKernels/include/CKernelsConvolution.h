#ifndef CKERNELS_CONVOLUTION_H
#define CKERNELS_CONVOLUTION_H

#include <stdint.h>

#include "CKernelsTypes.h"

#ifdef __cplusplus
extern "C" {
#endif

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
///
/// Every `block_channels` input channels, the last of them perhaps fewer, are summed by themselves,
/// which loses fewer digits than one long sum; all are one block where this is below 1.
ck_packed_weights *ck_pack_conv2d_f32(const float *weights, int32_t output_channels,
                                      int32_t kernel_height, int32_t kernel_width,
                                      int32_t input_channels, int32_t block_channels);

/// `output = min(max(Σ + bias, clamp_min), clamp_max)`, the sum of each block of input channels from
/// 0 in the order kernel row, kernel column, input channel; blocks are added from first to last.
///
/// `bias` has one value per output channel, or is NULL.
void ck_conv2d_f32(const float *input, ck_shape input_shape, const ck_packed_weights *weights,
                   ck_window window, const float *bias, float clamp_min, float clamp_max,
                   float *output, ck_shape output_shape, int32_t row_begin, int32_t row_end,
                   ck_products products);

/// Copies the elements of windows `first ..< first + count`, counted over batches, rows and columns
/// of the output, channel by channel, 0 where a window leaves the image.
///
/// They become `count` rows of a matrix, or its columns where `makes_columns` is not 0.
void ck_copy_windows_f32(const float *input, ck_shape input_shape, ck_window window,
                         ck_shape output_shape, int64_t first, int64_t count,
                         int32_t makes_columns, float *matrix);

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
                             int32_t row_begin, int32_t row_end, ck_products products);

// MARK: 16-bit activations, 8-bit weights

/// As `ck_pack_conv2d_i8` for `ck_conv2d_i16x8`; weights have zero point 0.
ck_packed_weights *ck_pack_conv2d_i16x8(const int8_t *weights, int32_t output_channels,
                                        int32_t kernel_height, int32_t kernel_width,
                                        int32_t input_channels);

/// `output[y, x, o] = requantize(Σ input · weights[o])`, the sum over the window and all input
/// channels, in 64 bits; the input's zero point is 0.
///
/// A fully connected layer is the 1 × 1 case.
void ck_conv2d_i16x8(const int16_t *input, ck_shape input_shape, const ck_packed_weights *weights,
                     ck_window window, const ck_requantization_i16 *requantization, int16_t *output,
                     ck_shape output_shape, int32_t row_begin, int32_t row_end);

/// As `ck_pack_depthwise_conv2d_i8` for `ck_depthwise_conv2d_i16x8`; weights have zero point 0.
ck_packed_weights *ck_pack_depthwise_conv2d_i16x8(const int8_t *weights, int32_t kernel_height,
                                                  int32_t kernel_width, int32_t output_channels);

/// As `ck_conv2d_i16x8` with the channels of `ck_depthwise_conv2d_i8`.
void ck_depthwise_conv2d_i16x8(const int16_t *input, ck_shape input_shape,
                               const ck_packed_weights *weights, ck_window window,
                               const ck_requantization_i16 *requantization, int16_t *output,
                               ck_shape output_shape, int32_t row_begin, int32_t row_end);

// MARK: Transposed convolution

/// Weights of transposed convolutions, rearranged for the inner loops of this processor.
typedef struct ck_packed_transpose_weights ck_packed_transpose_weights;

/// Frees what a `ck_pack_transpose_…` function returned; NULL is allowed.
void ck_free_packed_transpose_weights(ck_packed_transpose_weights *weights);

/// Packs weights [output_channels][kernel_height][kernel_width][input_channels] for
/// `ck_transpose_conv2d_i8`.
///
/// NULL if an extent or stride is below 1 or memory runs out.
ck_packed_transpose_weights *ck_pack_transpose_conv2d_i8(
    const int8_t *weights, int32_t weight_zero_point, int32_t output_channels,
    int32_t kernel_height, int32_t kernel_width, int32_t input_channels, int32_t stride_height,
    int32_t stride_width);

/// `output[y, x, o] = requantize(Σ (input[i, j] − input_zero_point) · (weights[o, m, n] −
/// weight_zero_point))`, the sum over all input channels and all i, j, m, n with
/// `i · stride_height + m = y + pad_top` and `j · stride_width + n = x + pad_left`.
///
/// TFLite's pads are half of what the ordinary convolution from output to input pads, rounded down.
void ck_transpose_conv2d_i8(const int8_t *input, ck_shape input_shape, int32_t input_zero_point,
                            const ck_packed_transpose_weights *weights, int32_t pad_top,
                            int32_t pad_left, const ck_requantization *requantization,
                            int8_t *output, ck_shape output_shape, int32_t row_begin,
                            int32_t row_end);

/// As `ck_pack_transpose_conv2d_i8` for `ck_transpose_conv2d_i16x8`; weights have zero point 0.
ck_packed_transpose_weights *ck_pack_transpose_conv2d_i16x8(
    const int8_t *weights, int32_t output_channels, int32_t kernel_height, int32_t kernel_width,
    int32_t input_channels, int32_t stride_height, int32_t stride_width);

/// As `ck_transpose_conv2d_i8` with 64-bit sums; the input's zero point is 0.
void ck_transpose_conv2d_i16x8(const int16_t *input, ck_shape input_shape,
                               const ck_packed_transpose_weights *weights, int32_t pad_top,
                               int32_t pad_left, const ck_requantization_i16 *requantization,
                               int16_t *output, ck_shape output_shape, int32_t row_begin,
                               int32_t row_end);

/// As `ck_pack_transpose_conv2d_i8` for `ck_transpose_conv2d_f32`.
ck_packed_transpose_weights *ck_pack_transpose_conv2d_f32(
    const float *weights, int32_t output_channels, int32_t kernel_height, int32_t kernel_width,
    int32_t input_channels, int32_t stride_height, int32_t stride_width);

/// As `ck_transpose_conv2d_i8` in float32: `min(max(Σ + bias, clamp_min), clamp_max)`, the sum from
/// 0 in the order input row, input column, input channel. `bias` may be NULL.
void ck_transpose_conv2d_f32(const float *input, ck_shape input_shape,
                             const ck_packed_transpose_weights *weights, int32_t pad_top,
                             int32_t pad_left, const float *bias, float clamp_min, float clamp_max,
                             float *output, ck_shape output_shape, int32_t row_begin,
                             int32_t row_end, ck_products products);

#ifdef __cplusplus
}
#endif

#endif
