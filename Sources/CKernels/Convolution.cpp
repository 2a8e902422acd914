#include "FixedPoint.h"
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

/// Adds a strip of 32-bit sums, each with its channel's offset, to accumulators in memory.
static void finish_accumulators(const ComputedStrip<int32_t> &strip, const int32_t *offsets,
                                int32_t output_channels, int32_t *output) {
  for (int64_t pixel = 0; pixel < strip.pixels; ++pixel) {
    const int32_t *sums = strip.accumulators + pixel * tile_channels;
    int32_t *out = output + (strip.first_pixel + pixel) * output_channels + strip.first_channel;
    for (int32_t channel = 0; channel < strip.channels; ++channel)
      out[channel] = wrapping_add(
          out[channel], wrapping_add(sums[channel], offsets[strip.first_channel + channel]));
  }
}

// MARK: Whole convolutions

void ck_conv2d_i8(const int8_t *input, ck_shape input_shape, int32_t input_zero_point,
                  const ck_packed_weights *weights, ck_window window,
                  const ck_requantization *requantization, int8_t *output, ck_shape output_shape,
                  int32_t row_begin, int32_t row_end) {
  TiledConvolution convolution = {input_shape, output_shape, window, row_begin, row_end};
  if (convolution.is_empty()) return;
  convolution.merge_pixels();
  const AlignedBuffer offsets = channel_offsets(*weights, input_zero_point, requantization->bias);
  const Requantizer requantizer(*requantization, offsets.as<int32_t>(), output_shape.channels);
  for_each_dense_strip<int32_t>(convolution,
                                InputConversion::from_i8(input, input_zero_point, weights->layout),
                                *weights, dense_kernel(weights->layout),
                                [&](const auto &strip) { finish_i8(strip, requantizer, output); });
}

void ck_depthwise_conv2d_i8(const int8_t *input, ck_shape input_shape, int32_t input_zero_point,
                            const ck_packed_weights *weights, ck_window window,
                            const ck_requantization *requantization, int8_t *output,
                            ck_shape output_shape, int32_t row_begin, int32_t row_end) {
  const TiledConvolution convolution = {input_shape, output_shape, window, row_begin, row_end};
  if (convolution.is_empty()) return;
  const AlignedBuffer offsets = channel_offsets(*weights, input_zero_point, requantization->bias);
  const Requantizer requantizer(*requantization, offsets.as<int32_t>(), output_shape.channels);
  for_each_depthwise_strip<int32_t>(
      convolution, InputConversion::from_i8(input, input_zero_point, weights->layout), *weights,
      instruction_set().depthwise_pairs16,
      [&](const auto &strip) { finish_i8(strip, requantizer, output); });
}

// MARK: Tiles

void ck_accumulate_conv2d_i8(const int8_t *tile, ck_shape tile_shape, int32_t input_zero_point,
                             const int8_t *weights, int32_t weight_zero_point, ck_window window,
                             int32_t *accumulators, ck_shape accumulator_shape) {
  const int32_t channels = accumulator_shape.channels;
  TiledConvolution convolution = {tile_shape, accumulator_shape, window, 0,
                                  int64_t{accumulator_shape.batches} * accumulator_shape.height};
  if (convolution.is_empty()) return;
  convolution.merge_pixels();
  ck_packed_weights *packed =
      ck_pack_conv2d_i8(weights, weight_zero_point, channels, window.kernel_height,
                        window.kernel_width, tile_shape.channels);
  if (packed == nullptr) std::abort();
  const AlignedBuffer offsets = channel_offsets(*packed, input_zero_point, nullptr);
  for_each_dense_strip<int32_t>(
      convolution, InputConversion::from_i8(tile, input_zero_point, packed->layout), *packed,
      dense_kernel(packed->layout), [&](const auto &strip) {
        finish_accumulators(strip, offsets.as<int32_t>(), channels, accumulators);
      });
  ck_free_packed_weights(packed);
}

void ck_accumulate_depthwise_conv2d_i8(const int8_t *tile, ck_shape tile_shape,
                                       int32_t input_zero_point, const int8_t *weights,
                                       int32_t weight_zero_point, ck_window window,
                                       int32_t *accumulators, ck_shape accumulator_shape) {
  const int32_t channels = accumulator_shape.channels;
  const TiledConvolution convolution = {
      tile_shape, accumulator_shape, window, 0,
      int64_t{accumulator_shape.batches} * accumulator_shape.height};
  if (convolution.is_empty()) return;
  ck_packed_weights *packed = ck_pack_depthwise_conv2d_i8(
      weights, weight_zero_point, window.kernel_height, window.kernel_width, channels);
  if (packed == nullptr) std::abort();
  const AlignedBuffer offsets = channel_offsets(*packed, input_zero_point, nullptr);
  for_each_depthwise_strip<int32_t>(
      convolution, InputConversion::from_i8(tile, input_zero_point, packed->layout), *packed,
      instruction_set().depthwise_pairs16, [&](const auto &strip) {
        finish_accumulators(strip, offsets.as<int32_t>(), channels, accumulators);
      });
  ck_free_packed_weights(packed);
}
