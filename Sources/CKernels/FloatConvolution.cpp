#include "Tiling.h"

using namespace ckernels;

namespace {

/// Bias and range of a float convolution.
class FloatFinish {
 public:
  /// `bias` may be null.
  FloatFinish(const float *bias, float clamp_min, float clamp_max, float *output,
              int32_t output_channels)
      : zeros(bias == nullptr ? output_channels * int64_t{sizeof(float)} : 0),
        bias(bias == nullptr ? zeros.as<float>() : bias),
        clamp_min(clamp_min),
        clamp_max(clamp_max),
        output(output),
        output_channels(output_channels) {
    if (this->bias == nullptr) std::abort();
  }

  void operator()(const ComputedStrip<float> &strip) const {
    instruction_set().finish_float32(
        {strip.accumulators, strip.pixels, strip.channels, bias + strip.first_channel, clamp_min,
         clamp_max, output + strip.first_pixel * output_channels + strip.first_channel,
         output_channels});
  }

 private:
  AlignedBuffer zeros;
  const float *bias;
  float clamp_min, clamp_max;
  float *output;
  int64_t output_channels;
};

}  // namespace

void ck_conv2d_f32(const float *input, ck_shape input_shape, const ck_packed_weights *weights,
                   ck_window window, const float *bias, float clamp_min, float clamp_max,
                   float *output, ck_shape output_shape, int32_t row_begin, int32_t row_end,
                   ck_products products) {
  TiledConvolution convolution = {input_shape, output_shape, window, row_begin, row_end};
  if (convolution.is_empty()) return;
  convolution.merge_pixels();
  ck_scratch &scratch = ck_scratch::of_this_thread();
  for_each_dense_strip<float>(
      convolution, InputConversion::from_f32(input), *weights,
      instruction_set().dense_float32[products], scratch,
      FloatFinish(bias, clamp_min, clamp_max, output, output_shape.channels));
}

void ck_depthwise_conv2d_f32(const float *input, ck_shape input_shape,
                             const ck_packed_weights *weights, ck_window window, const float *bias,
                             float clamp_min, float clamp_max, float *output, ck_shape output_shape,
                             int32_t row_begin, int32_t row_end, ck_products products) {
  const TiledConvolution convolution = {input_shape, output_shape, window, row_begin, row_end};
  if (convolution.is_empty()) return;
  ck_scratch &scratch = ck_scratch::of_this_thread();
  for_each_depthwise_strip<float>(
      convolution, InputConversion::from_f32(input), *weights,
      instruction_set().depthwise_float32[products], scratch,
      FloatFinish(bias, clamp_min, clamp_max, output, output_shape.channels));
}
