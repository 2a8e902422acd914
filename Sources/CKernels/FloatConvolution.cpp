#include "Tiling.h"

using namespace ckernels;

namespace {

/// Bias and range of a float convolution.
struct FloatFinish {
  /// May be null.
  const float *bias;
  float clamp_min, clamp_max;
  float *output;
  int64_t output_channels;

  void operator()(const FinishedTile<float> &tile) const {
    for (int64_t pixel = 0; pixel < tile.pixels; ++pixel) {
      const float *sums = tile.accumulators + pixel * tile_channels;
      float *out = output + (tile.first_pixel + pixel) * output_channels + tile.first_channel;
      for (int32_t channel = 0; channel < tile.channels; ++channel) {
        const float sum = bias == nullptr ? sums[channel] : sums[channel] + bias[tile.first_channel + channel];
        out[channel] = std::min(std::max(sum, clamp_min), clamp_max);
      }
    }
  }
};

}  // namespace

void ck_conv2d_f32(const float *input, ck_shape input_shape, const ck_packed_weights *weights, ck_window window,
                   const float *bias, float clamp_min, float clamp_max, float *output, ck_shape output_shape,
                   int32_t row_begin, int32_t row_end) {
  TiledConvolution convolution = {input_shape, output_shape, window, row_begin, row_end};
  if (convolution.is_empty()) return;
  convolution.merge_pixels();
  for_each_dense_tile<float>(convolution, InputConversion::from_f32(input), *weights,
                             instruction_set().dense_float32,
                             FloatFinish{bias, clamp_min, clamp_max, output, output_shape.channels});
}

void ck_depthwise_conv2d_f32(const float *input, ck_shape input_shape, const ck_packed_weights *weights,
                             ck_window window, const float *bias, float clamp_min, float clamp_max, float *output,
                             ck_shape output_shape, int32_t row_begin, int32_t row_end) {
  const TiledConvolution convolution = {input_shape, output_shape, window, row_begin, row_end};
  if (convolution.is_empty()) return;
  for_each_depthwise_tile<float>(convolution, InputConversion::from_f32(input), *weights,
                                 instruction_set().depthwise_float32,
                                 FloatFinish{bias, clamp_min, clamp_max, output, output_shape.channels});
}
