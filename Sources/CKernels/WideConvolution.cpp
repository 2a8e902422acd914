#include "WideConvolution.h"

#include "Multiversion.h"
#include "WideRequantization.h"

namespace ckernels {

/// Products of 16 and 8 bits, up to 2²² in magnitude, that 32 bits can sum up: an even number below
/// 2⁹.
constexpr int64_t safe_products = 510;

static void add_to(const int32_t *part, int64_t count, int64_t *sums) {
  vectorized(CKERNELS_LOOP {
    for (int64_t i = 0; i < count; ++i) sums[i] += part[i];
  });
}

/// Adds one chunk of a dense tile: some whole runs, or some groups of one run.
static void add_chunk(const DenseTile &tile, int64_t first_run, int64_t runs, int64_t first_group,
                      int64_t groups, int64_t *accumulators) {
  const uint8_t *pixels[tile_pixels];
  for (int32_t pixel = 0; pixel < tile.pixel_count; ++pixel)
    pixels[pixel] = tile.pixels[pixel] + first_group * group_bytes;
  DenseTile chunk = tile;
  chunk.pixels = pixels;
  chunk.runs = runs;
  chunk.run_offsets = tile.run_offsets + first_run;
  chunk.groups = groups;
  chunk.weights = tile.weights + (first_run * tile.groups + first_group) * panel_group_bytes;
  alignas(AlignedBuffer::alignment) int32_t part[tile_pixels * tile_channels];
  instruction_set().dense_pairs16(chunk, part);
  for (int32_t pixel = 0; pixel < tile.pixel_count; ++pixel)
    add_to(part + pixel * tile_channels, tile.panel_count * panel_channels,
           accumulators + pixel * tile_channels);
}

void dense_wide(const DenseTile &tile, int64_t *accumulators) {
  constexpr int64_t safe_groups = safe_products / 2;
  std::fill(accumulators, accumulators + tile.pixel_count * tile_channels, 0);
  const int64_t runs = std::max<int64_t>(safe_groups / tile.groups, 1);
  for (int64_t run = 0; run < tile.runs; run += runs)
    for (int64_t group = 0; group < tile.groups; group += safe_groups)
      add_chunk(tile, run, std::min(runs, tile.runs - run), group,
                std::min(safe_groups, tile.groups - group), accumulators);
}

void depthwise_wide(const DepthwiseStrip &strip, int64_t *accumulators) {
  alignas(AlignedBuffer::alignment) int32_t part[strip_pixels * tile_channels];
  std::fill(accumulators, accumulators + strip.pixel_count * tile_channels, 0);
  for (int64_t tap = 0; tap < strip.taps; tap += safe_products) {
    DepthwiseStrip chunk = strip;
    chunk.tap_offsets = strip.tap_offsets + tap;
    chunk.taps = std::min(safe_products, strip.taps - tap);
    chunk.weights = strip.weights + tap * (panel_group_bytes / 2);
    instruction_set().depthwise_pairs16(chunk, part);
    for (int32_t pixel = 0; pixel < strip.pixel_count; ++pixel)
      add_to(part + pixel * tile_channels, strip.panel_count * panel_channels,
             accumulators + pixel * tile_channels);
  }
}

}  // namespace ckernels

using namespace ckernels;

/// Writes a strip of 64-bit sums to a 16-bit output.
static void finish_i16(const ComputedStrip<int64_t> &strip, const WideRequantizer &requantizer,
                       int64_t channels, int16_t *output) {
  requantizer.run(strip.accumulators, tile_channels, strip.pixels, strip.first_channel,
                  strip.channels, output + strip.first_pixel * channels + strip.first_channel,
                  channels);
}

void ck_conv2d_i16x8(const int16_t *input, ck_shape input_shape, const ck_packed_weights *weights,
                     ck_window window, const ck_requantization_i16 *requantization, int16_t *output,
                     ck_shape output_shape, int32_t row_begin, int32_t row_end) {
  TiledConvolution convolution = {input_shape, output_shape, window, row_begin, row_end};
  if (convolution.is_empty()) return;
  convolution.merge_pixels();
  const WideRequantizer requantizer(*requantization, output_shape.channels);
  ck_scratch &scratch = ck_scratch::of_this_thread();
  for_each_dense_strip<int64_t>(
      convolution, InputConversion::from_i16(input), *weights, dense_wide, scratch,
      [&](const auto &strip) { finish_i16(strip, requantizer, output_shape.channels, output); });
}

void ck_depthwise_conv2d_i16x8(const int16_t *input, ck_shape input_shape,
                               const ck_packed_weights *weights, ck_window window,
                               const ck_requantization_i16 *requantization, int16_t *output,
                               ck_shape output_shape, int32_t row_begin, int32_t row_end) {
  const TiledConvolution convolution = {input_shape, output_shape, window, row_begin, row_end};
  if (convolution.is_empty()) return;
  const WideRequantizer requantizer(*requantization, output_shape.channels);
  ck_scratch &scratch = ck_scratch::of_this_thread();
  for_each_depthwise_strip<int64_t>(
      convolution, InputConversion::from_i16(input), *weights, depthwise_wide, scratch,
      [&](const auto &strip) { finish_i16(strip, requantizer, output_shape.channels, output); });
}
