#include "Requantization.h"
#include "TransposePhases.h"
#include "WideConvolution.h"
#include "WideRequantization.h"

using namespace ckernels;

void ck_transpose_conv2d_i8(const int8_t *input, ck_shape input_shape, int32_t input_zero_point,
                            const ck_packed_transpose_weights *weights, int32_t pad_top,
                            int32_t pad_left, const ck_requantization *requantization,
                            int8_t *output, ck_shape output_shape, int32_t row_begin,
                            int32_t row_end) {
  const int64_t channels = output_shape.channels;
  ck_scratch &scratch = ck_scratch::of_this_thread();
  for (const Phase &phase :
       phases(*weights, input_shape, output_shape, pad_top, pad_left, row_begin, row_end)) {
    const Layout layout = phase.weights->layout;
    const int32_t *offsets =
        channel_offsets(*phase.weights, input_zero_point, requantization->bias, scratch);
    const Requantizer requantizer(*requantization, offsets, output_shape.channels);
    for_each_dense_strip<int32_t>(
        phase.convolution,
        InputConversion::from_i8(input, sign_flip(*requantization), input_zero_point, layout),
        *phase.weights, dense_kernel(layout), scratch, [&](const ComputedStrip<int32_t> &strip) {
          for_each_piece(strip, phase, output_shape,
                         [&](const int32_t *sums, int64_t pixels, int64_t output_pixel) {
                           requantizer.run(sums, tile_channels, pixels, strip.first_channel,
                                           strip.channels,
                                           output + output_pixel * channels + strip.first_channel,
                                           phase.columns.stride * channels);
                         });
        });
  }
}

void ck_transpose_conv2d_i16x8(const int16_t *input, ck_shape input_shape,
                               const ck_packed_transpose_weights *weights, int32_t pad_top,
                               int32_t pad_left, const ck_requantization_i16 *requantization,
                               int16_t *output, ck_shape output_shape, int32_t row_begin,
                               int32_t row_end) {
  if (output_shape.channels < 1) return;
  const int64_t channels = output_shape.channels;
  const WideRequantizer requantizer(*requantization, output_shape.channels);
  ck_scratch &scratch = ck_scratch::of_this_thread();
  for (const Phase &phase :
       phases(*weights, input_shape, output_shape, pad_top, pad_left, row_begin, row_end))
    for_each_dense_strip<int64_t>(
        phase.convolution, InputConversion::from_i16(input), *phase.weights, dense_wide, scratch,
        [&](const ComputedStrip<int64_t> &strip) {
          for_each_piece(strip, phase, output_shape,
                         [&](const int64_t *sums, int64_t pixels, int64_t output_pixel) {
                           requantizer.run(sums, tile_channels, pixels, strip.first_channel,
                                           strip.channels,
                                           output + output_pixel * channels + strip.first_channel,
                                           phase.columns.stride * channels);
                         });
        });
}

void ck_transpose_conv2d_f32(const float *input, ck_shape input_shape,
                             const ck_packed_transpose_weights *weights, int32_t pad_top,
                             int32_t pad_left, const float *bias, float clamp_min, float clamp_max,
                             float *output, ck_shape output_shape, int32_t row_begin,
                             int32_t row_end, ck_products products) {
  const int64_t channels = output_shape.channels;
  const std::vector<float> zeros(
      bias == nullptr ? static_cast<size_t>(std::max<int64_t>(channels, 0)) : 0);
  const float *added = bias == nullptr ? zeros.data() : bias;
  ck_scratch &scratch = ck_scratch::of_this_thread();
  for (const Phase &phase :
       phases(*weights, input_shape, output_shape, pad_top, pad_left, row_begin, row_end))
    for_each_dense_strip<float>(
        phase.convolution, InputConversion::from_f32(input), *phase.weights,
        instruction_set().dense_float32[products], scratch, [&](const ComputedStrip<float> &strip) {
          for_each_piece(
              strip, phase, output_shape,
              [&](const float *sums, int64_t pixels, int64_t output_pixel) {
                instruction_set().finish_float32(
                    {sums, pixels, strip.channels, added + strip.first_channel, clamp_min,
                     clamp_max, output + output_pixel * channels + strip.first_channel,
                     phase.columns.stride * channels});
              });
        });
}
