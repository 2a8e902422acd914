#include <new>

#include "FixedPoint.h"
#include "Multiversion.h"
#include "PortableLoops.h"
#include "Tiling.h"

using namespace ckernels;

ck_scratch *ck_make_scratch(void) { return new (std::nothrow) ck_scratch; }

void ck_free_scratch(ck_scratch *scratch) { delete scratch; }

// MARK: Convolution

/// Moves sums, each with its channel's offset, to accumulators in memory, or adds it.
template <bool adds>
CKERNELS_INLINE void finish_channels(const int32_t *__restrict sums,
                                     const int32_t *__restrict offsets, int32_t channels,
                                     int32_t *__restrict output) {
  for (int32_t channel = 0; channel < channels; ++channel) {
    const int32_t sum = wrapping_add(sums[channel], offsets[channel]);
    output[channel] = adds ? wrapping_add(output[channel], sum) : sum;
  }
}

/// Panel by panel: loops of known length need no code for what vectors leave over.
template <bool adds>
CKERNELS_INLINE void finish_pixel(const int32_t *sums, const int32_t *offsets, int32_t channels,
                                  int32_t *output) {
  int32_t channel = 0;
  for (; channel + panel_channels <= channels; channel += panel_channels)
    finish_channels<adds>(sums + channel, offsets + channel, panel_channels, output + channel);
  finish_channels<adds>(sums + channel, offsets + channel, channels - channel, output + channel);
}

template <bool adds>
static void finish_accumulators(const ComputedStrip<int32_t> &strip, const int32_t *offsets,
                                int32_t output_channels, int32_t *output) {
  const int32_t *sums = strip.accumulators, *first_offset = offsets + strip.first_channel;
  const int64_t pixels = strip.pixels;
  const int32_t channels = strip.channels;
  int32_t *first = output + strip.first_pixel * output_channels + strip.first_channel;
  // A single pixel is done sooner than dispatched.
  if (pixels == 1) return finish_pixel<adds>(sums, first_offset, channels, first);
  vectorized(CKERNELS_LOOP {
    for (int64_t pixel = 0; pixel < pixels; ++pixel)
      finish_pixel<adds>(sums + pixel * tile_channels, first_offset, channels,
                         first + pixel * output_channels);
  });
}

/// Whether the weights make one pixel of the tile's only one, as in a fully connected layer.
static bool is_single_pixel(const ck_convolution_tile &tile, const ck_packed_weights &weights) {
  const ck_shape &from = tile.tile_shape, &to = tile.accumulator_shape;
  const ck_window &window = tile.window;
  return !weights.is_depthwise && weights.kernel_height == 1 && weights.kernel_width == 1 &&
         window.kernel_height == 1 && window.kernel_width == 1 && window.pad_top == 0 &&
         window.pad_left == 0 && from.batches == 1 && from.height == 1 && from.width == 1 &&
         from.channels == weights.input_channels && to.batches == 1 && to.height == 1 &&
         to.width == 1 && to.channels == weights.output_channels;
}

/// Does without the block of windows, which would take longer than the products.
template <typename Finish>
static void accumulate_pixel(const InputConversion &conversion, const ck_packed_weights &weights,
                             ck_scratch &scratch, const Finish &finish) {
  // Kernels read whole groups.
  scratch.activations.make_room(int64_t{weights.input_channels} * conversion.block_bytes +
                                group_bytes);
  const uint8_t *pixel = scratch.activations.data();
  if (pixel == nullptr) std::abort();
  conversion.convert(0, weights.input_channels, scratch.activations.data());
  const auto kernel = dense_kernel(weights.layout);
  constexpr int64_t only_run = 0;
  alignas(AlignedBuffer::alignment) int32_t accumulators[tile_channels];
  for (int32_t channel = 0; channel < weights.output_channels; channel += tile_channels) {
    const int32_t channels = std::min(weights.output_channels - channel, tile_channels);
    const int32_t panels = (channels + panel_channels - 1) / panel_channels;
    kernel({&pixel, 1, panels, 1, weights.steps, &only_run,
            weights.panels.data() + channel / panel_channels * weights.panel_stride,
            weights.panel_stride, false},
           accumulators);
    finish(ComputedStrip<int32_t>{accumulators, 0, 1, channel, channels});
  }
}

void ck_accumulate_tile(const ck_convolution_tile *tile, const ck_packed_weights *weights,
                        ck_scratch *scratch) {
  const int32_t channels = tile->accumulator_shape.channels;
  const int32_t *offsets = channel_offsets(*weights, tile->input_zero_point, nullptr, *scratch);
  const auto conversion =
      InputConversion::from_i8(tile->tile, 0, tile->input_zero_point, weights->layout);
  const auto finish = [&](const ComputedStrip<int32_t> &strip) {
    const auto finish_strip = tile->adds ? finish_accumulators<true> : finish_accumulators<false>;
    finish_strip(strip, offsets, channels, tile->accumulators);
  };
  if (is_single_pixel(*tile, *weights))
    return accumulate_pixel(conversion, *weights, *scratch, finish);
  TiledConvolution convolution = {
      tile->tile_shape, tile->accumulator_shape, tile->window, 0,
      int64_t{tile->accumulator_shape.batches} * tile->accumulator_shape.height};
  if (convolution.is_empty()) return;
  if (weights->is_depthwise)
    return for_each_depthwise_strip<int32_t>(convolution, conversion, *weights,
                                             instruction_set().depthwise_pairs16, *scratch, finish);
  convolution.merge_pixels();
  for_each_dense_strip<int32_t>(convolution, conversion, *weights, dense_kernel(weights->layout),
                                *scratch, finish);
}

// MARK: Boxes of bytes

namespace {

/// Bytes that are copied at once.
typedef uint8_t Word __attribute__((vector_size(8)));
typedef uint8_t Vector __attribute__((vector_size(32)));

template <typename Part>
CKERNELS_INLINE void copy_part(const uint8_t *from, uint8_t flipped_bits, uint8_t *to) {
  Part part;
  std::memcpy(&part, from, sizeof part);
  part ^= flipped_bits;
  std::memcpy(to, &part, sizeof part);
}

/// Copies consecutive bytes, at least those of one part; the last part may overlap the one before.
template <typename Part>
CKERNELS_INLINE void copy_parts(const uint8_t *from, int64_t count, uint8_t flipped_bits,
                                uint8_t *to) {
  constexpr int64_t part_bytes = sizeof(Part);
  for (int64_t i = 0; i < count - part_bytes; i += part_bytes)
    copy_part<Part>(from + i, flipped_bits, to + i);
  copy_part<Part>(from + count - part_bytes, flipped_bits, to + count - part_bytes);
}

CKERNELS_INLINE void copy_run(const uint8_t *from, int64_t count, uint8_t flipped_bits,
                              uint8_t *to) {
  if (count >= int64_t{sizeof(Vector)}) return copy_parts<Vector>(from, count, flipped_bits, to);
  if (count >= int64_t{sizeof(Word)}) return copy_parts<Word>(from, count, flipped_bits, to);
  for (int64_t i = 0; i < count; ++i) to[i] = from[i] ^ flipped_bits;
}

}  // namespace

void ck_copy_box(const ck_box_copy *copy) {
  if (copy->height < 1 || copy->width < 1 || copy->channels < 1) return;
  const uint8_t *from = copy->from, flipped_bits = copy->flipped_bits;
  uint8_t *to = copy->to;
  const ck_box_layout from_layout = copy->from_layout, to_layout = copy->to_layout;
  int64_t rows = copy->height, runs = copy->width, run_bytes = copy->channels;
  if (from_layout.pixel_stride == run_bytes && to_layout.pixel_stride == run_bytes) {
    run_bytes *= runs;
    runs = 1;
    if (from_layout.row_stride == run_bytes && to_layout.row_stride == run_bytes) {
      run_bytes *= rows;
      rows = 1;
    }
  }
  // A single run is copied sooner than dispatched.
  if (rows * runs == 1 && flipped_bits == 0) {
    std::memcpy(to, from, static_cast<size_t>(run_bytes));
    return;
  }
  vectorized(CKERNELS_LOOP {
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t run = 0; run < runs; ++run)
        copy_run(from + row * from_layout.row_stride + run * from_layout.pixel_stride, run_bytes,
                 flipped_bits, to + row * to_layout.row_stride + run * to_layout.pixel_stride);
  });
}
