#pragma once

#include <algorithm>

#include "InputBlock.h"
#include "PackedWeights.h"

namespace ckernels {

/// Pixels that are computed before they are finished together: finishing has preparations per
/// channel that are worth sharing, while the accumulators should stay in the first-level cache.
constexpr int32_t strip_pixels = 3 * tile_pixels;

/// One convolution over some output rows, split into strips of 24 pixels and 64 channels.
struct TiledConvolution {
  ck_shape input, output;
  ck_window window;
  int64_t row_begin, row_end;

  bool is_empty() const;
  /// Treats the pixels of a 1 × 1 convolution as one list, so that tiles need not end with a row.
  void merge_pixels();
  /// Ends the process where rows, batches or these weights contradict the shapes: a caller's
  /// mistake that would otherwise read or write outside the tensors.
  void require_consistency(const ck_packed_weights &weights, Layout layout,
                           bool is_depthwise) const;
};

/// The tile kernel of a layout of 8-bit convolutions.
void (*dense_kernel(Layout layout))(const DenseTile &, int32_t *accumulators);

/// What a channel's accumulator lacks of its true sum, plus bias (which may be null).
///
/// With activations a + c instead of a − z, Σ (a − z) · w = Σ (a + c) · w − (z + c) · Σ w, where c
/// is the instruction set's `quads8_offset`.
///
/// Those without bias are there already for the zero point that the weights expect.
const int32_t *channel_offsets(const ck_packed_weights &weights, int32_t input_zero_point,
                               const int32_t *bias, ck_scratch &scratch);

/// The blocks of input channels of a dense convolution, each of which is summed by itself, and
/// where their activations are.
class DenseBlocks {
 public:
  /// One whose kernel rows are contiguous runs, or several whose runs are single pixels.
  DenseBlocks(const ck_packed_weights &weights, const InputBlock &block, ck_scratch &scratch);

  /// How many there are, and runs of each.
  int64_t count, runs;
  int64_t groups(int64_t index) const {
    return count == 1 ? steps : std::min(steps, channels - index * steps);
  }
  /// Of the block's runs, seen from a pixel.
  const int64_t *offsets(int64_t index) const { return run_offsets + index * runs; }
  int64_t weights_offset(int64_t index) const { return index * runs * steps * panel_group_bytes; }

 private:
  int64_t steps, channels;
  int64_t *run_offsets;
};

/// A computed part of the output: channels `first_channel ..< first_channel + channels` of
/// consecutive pixels, counted over the whole output, with accumulators [pixels][tile_channels].
template <typename Sum>
struct ComputedStrip {
  const Sum *accumulators;
  int64_t first_pixel, pixels;
  int32_t first_channel, channels;
};

/// Fills the block with row after row, computes each strip by `kernel(pixels, pixel_count,
/// first_channel, panel_count, accumulators)`, and passes it to `finish(ComputedStrip<Sum>)`.
template <typename Sum, typename Kernel, typename Finish>
void for_each_strip(const TiledConvolution &convolution, InputBlock &block, const Kernel &kernel,
                    const Finish &finish) {
  const int64_t height = convolution.output.height, width = convolution.output.width;
  const int64_t capacity =
      block.row_capacity(std::min(height, convolution.row_end - convolution.row_begin));
  // No kernel reports errors, and where these few hundred KiB are missing nothing else can go on.
  if (!block.reserve(capacity)) std::abort();
  alignas(AlignedBuffer::alignment) Sum accumulators[strip_pixels * tile_channels];
  for (int64_t row = convolution.row_begin; row < convolution.row_end;) {
    const int64_t rows = std::min({capacity, height - row % height, convolution.row_end - row});
    block.fill(row / height, row % height, rows);
    const int64_t all_panels = panels_of(convolution.output.channels);
    const int64_t columns = (all_panels + tile_panels - 1) / tile_panels;
    for (int64_t column = 0; column < columns; ++column) {
      // As many panels for each as can be, for single ones leave registers unused.
      const int32_t first_panel = static_cast<int32_t>(column * all_panels / columns);
      const int32_t panels =
          static_cast<int32_t>((column + 1) * all_panels / columns) - first_panel;
      const int32_t channel = first_panel * panel_channels;
      const int32_t channels =
          std::min(convolution.output.channels - channel, panels * panel_channels);
      for (int64_t first = 0; first < rows * width; first += strip_pixels) {
        const int32_t pixels =
            static_cast<int32_t>(std::min<int64_t>(rows * width - first, strip_pixels));
        kernel(block.pixels() + first, pixels, channel, panels, accumulators);
        finish(ComputedStrip<Sum>{accumulators, row * width + first, pixels, channel, channels});
      }
    }
    row += rows;
  }
}

/// Runs `for_each_strip` over a dense convolution with the kernel that the weights' layout asks
/// for.
template <typename Sum, typename Finish>
void for_each_dense_strip(const TiledConvolution &convolution, const InputConversion &conversion,
                          const ck_packed_weights &weights,
                          void (*tile_kernel)(const DenseTile &, Sum *), ck_scratch &scratch,
                          const Finish &finish) {
  convolution.require_consistency(weights, conversion.layout, false);
  InputBlock block(conversion, convolution.input, convolution.window, convolution.output.width,
                   convolution.input.channels, 1, scratch);
  const DenseBlocks blocks(weights, block, scratch);
  const auto kernel = [&](const uint8_t *const *pixels, int32_t pixel_count, int32_t first_channel,
                          int32_t panel_count, Sum *accumulators) {
    const uint8_t *panels =
        weights.panels.data() + first_channel / panel_channels * weights.panel_stride;
    const int32_t step = instruction_set().dense_pixels[panel_count - 1];
    for (int32_t pixel = 0; pixel < pixel_count; pixel += step)
      for (int64_t i = 0; i < blocks.count; ++i)
        tile_kernel({pixels + pixel, std::min(pixel_count - pixel, step), panel_count, blocks.runs,
                     blocks.groups(i), blocks.offsets(i), panels + blocks.weights_offset(i),
                     weights.panel_stride, i > 0},
                    accumulators + pixel * tile_channels);
  };
  for_each_strip<Sum>(convolution, block, kernel, finish);
}

/// Runs `for_each_strip` over a depthwise convolution.
template <typename Sum, typename Finish>
void for_each_depthwise_strip(const TiledConvolution &convolution,
                              const InputConversion &conversion, const ck_packed_weights &weights,
                              void (*strip_kernel)(const DepthwiseStrip &, Sum *),
                              ck_scratch &scratch, const Finish &finish) {
  convolution.require_consistency(weights, conversion.layout, true);
  const int64_t pixel_elements = panels_of(convolution.output.channels) * panel_channels;
  InputBlock block(conversion, convolution.input, convolution.window, convolution.output.width,
                   pixel_elements, convolution.output.channels / convolution.input.channels,
                   scratch);
  // A tap that only completes a pair has weights 0 and may read anything; it stays at offset 0.
  scratch.tap_offsets.make_room(weights.steps * int64_t{sizeof(int64_t)});
  int64_t *tap_offsets = scratch.tap_offsets.as<int64_t>();
  if (tap_offsets == nullptr) std::abort();
  tap_offsets[weights.steps - 1] = 0;
  for (int64_t row = 0, tap = 0; row < weights.kernel_height; ++row)
    for (int64_t column = 0; column < weights.kernel_width; ++column, ++tap)
      tap_offsets[tap] = row * block.kernel_row_stride() + column * block.kernel_column_stride();

  const auto kernel = [&](const uint8_t *const *pixels, int32_t pixel_count, int32_t first_channel,
                          int32_t panel_count, Sum *accumulators) {
    // The kernel counts its panels from the strip's first channel; the activations have to start
    // there too.
    const uint8_t *shifted[strip_pixels];
    for (int32_t pixel = 0; pixel < pixel_count; ++pixel)
      shifted[pixel] = pixels[pixel] + int64_t{first_channel} * conversion.block_bytes;
    const uint8_t *panels =
        weights.panels.data() + first_channel / panel_channels * weights.panel_stride;
    strip_kernel({shifted, pixel_count, panel_count, tap_offsets, weights.steps, panels,
                  weights.panel_stride},
                 accumulators);
  };
  for_each_strip<Sum>(convolution, block, kernel, finish);
}

}  // namespace ckernels
