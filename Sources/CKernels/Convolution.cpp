#include "Requantization.h"
#include "Tiling.h"

using namespace ckernels;

/// Writes a strip of 32-bit sums to an 8-bit output.
static void finish_i8(const ComputedStrip<int32_t> &strip, const Requantizer &requantizer,
                      int8_t *output) {
  const int64_t channels = requantizer.channels;
  requantizer.run(strip.accumulators, tile_channels, strip.pixels, strip.first_channel,
                  strip.channels, output + strip.first_pixel * channels + strip.first_channel,
                  channels);
}

void ck_conv2d_i8(const int8_t *input, ck_shape input_shape, int32_t input_zero_point,
                  const ck_packed_weights *weights, ck_window window,
                  const ck_requantization *requantization, int8_t *output, ck_shape output_shape,
                  int32_t row_begin, int32_t row_end) {
  TiledConvolution convolution = {input_shape, output_shape, window, row_begin, row_end};
  if (convolution.is_empty()) return;
  convolution.merge_pixels();
  ck_scratch scratch;
  const int32_t *offsets =
      channel_offsets(*weights, input_zero_point, requantization->bias, scratch);
  const Requantizer requantizer(*requantization, offsets, output_shape.channels);
  for_each_dense_strip<int32_t>(convolution,
                                InputConversion::from_i8(input, sign_flip(*requantization),
                                                         input_zero_point, weights->layout),
                                *weights, dense_kernel(weights->layout), scratch,
                                [&](const auto &strip) { finish_i8(strip, requantizer, output); });
}

void ck_depthwise_conv2d_i8(const int8_t *input, ck_shape input_shape, int32_t input_zero_point,
                            const ck_packed_weights *weights, ck_window window,
                            const ck_requantization *requantization, int8_t *output,
                            ck_shape output_shape, int32_t row_begin, int32_t row_end) {
  const TiledConvolution convolution = {input_shape, output_shape, window, row_begin, row_end};
  if (convolution.is_empty()) return;
  ck_scratch scratch;
  const int32_t *offsets =
      channel_offsets(*weights, input_zero_point, requantization->bias, scratch);
  const Requantizer requantizer(*requantization, offsets, output_shape.channels);
  for_each_depthwise_strip<int32_t>(
      convolution,
      InputConversion::from_i8(input, sign_flip(*requantization), input_zero_point,
                               weights->layout),
      *weights, instruction_set().depthwise_pairs16, scratch,
      [&](const auto &strip) { finish_i8(strip, requantizer, output); });
}
