#include "Tiling.h"

#include <iterator>

#include "FixedPoint.h"

namespace ckernels {

bool TiledConvolution::is_empty() const {
  const int32_t extents[] = {input.batches,          input.height,         input.width,
                             input.channels,         output.batches,       output.height,
                             output.width,           output.channels,      window.kernel_height,
                             window.kernel_width,    window.stride_height, window.stride_width,
                             window.dilation_height, window.dilation_width};
  return row_begin >= row_end || *std::min_element(std::begin(extents), std::end(extents)) < 1;
}

void TiledConvolution::require_consistency(const ck_packed_weights &weights, Layout layout,
                                           bool is_depthwise) const {
  const bool channels_agree = weights.is_depthwise == is_depthwise &&
                              weights.output_channels == output.channels &&
                              (is_depthwise ? output.channels % input.channels == 0
                                            : weights.input_channels == input.channels);
  const bool windows_agree =
      weights.kernel_height == window.kernel_height && weights.kernel_width == window.kernel_width;
  const bool rows_exist = row_begin >= 0 && row_end <= int64_t{output.batches} * output.height &&
                          input.batches == output.batches;
  if (!channels_agree || !windows_agree || !rows_exist || weights.layout != layout) std::abort();
}

void TiledConvolution::merge_pixels() {
  const bool is_pixelwise = window.kernel_height == 1 && window.kernel_width == 1 &&
                            window.stride_height == 1 && window.stride_width == 1 &&
                            window.pad_top == 0 && window.pad_left == 0 &&
                            input.height == output.height && input.width == output.width;
  const int64_t rows = int64_t{output.batches} * output.height;
  if (!is_pixelwise || rows > INT32_MAX / output.width) return;
  row_begin *= output.width;
  row_end *= output.width;
  input = {1, static_cast<int32_t>(rows * output.width), 1, input.channels};
  output = {1, input.height, 1, output.channels};
}

DenseBlocks::DenseBlocks(const ck_packed_weights &weights, const InputBlock &block,
                         ck_scratch &scratch)
    : count((int64_t{weights.input_channels} + weights.block_channels - 1) /
            weights.block_channels),
      runs(count == 1 ? weights.kernel_height
                      : int64_t{weights.kernel_height} * weights.kernel_width),
      steps(weights.steps),
      channels(weights.input_channels) {
  scratch.tap_offsets.make_room(count * runs * int64_t{sizeof(int64_t)});
  run_offsets = scratch.tap_offsets.as<int64_t>();
  if (run_offsets == nullptr) std::abort();
  const int64_t columns = runs / weights.kernel_height;
  for (int64_t i = 0; i < count; ++i)
    for (int64_t run = 0; run < runs; ++run)
      run_offsets[i * runs + run] = run / columns * block.kernel_row_stride() +
                                    run % columns * block.kernel_column_stride() +
                                    i * steps * group_bytes;
}

void (*dense_kernel(Layout layout))(const DenseTile &, int32_t *accumulators) {
  return layout == Layout::quads8 ? instruction_set().dense_quads8
                                  : instruction_set().dense_pairs16;
}

static void write_channel_offsets(const ck_packed_weights &weights, int32_t input_zero_point,
                                  const int32_t *bias, int32_t *offsets) {
  const size_t byte_count = static_cast<size_t>(weights.output_channels) * sizeof(int32_t);
  if (bias == nullptr)
    std::memset(offsets, 0, byte_count);
  else
    std::memcpy(offsets, bias, byte_count);
  const int32_t *sums = weights.channel_sums.as<int32_t>();
  if (sums == nullptr) return;
  const int32_t factor = eight_bit_zero_point(input_zero_point) + instruction_set().quads8_offset;
  for (int32_t channel = 0; channel < weights.output_channels; ++channel)
    offsets[channel] =
        wrapping_subtract(offsets[channel], wrapping_multiply(factor, sums[channel]));
}

const int32_t *channel_offsets(const ck_packed_weights &weights, int32_t input_zero_point,
                               const int32_t *bias, ck_scratch &scratch) {
  const int32_t *expected = weights.expected_offsets.as<int32_t>();
  if (bias == nullptr && expected != nullptr && input_zero_point == weights.expected_zero_point)
    return expected;
  scratch.channel_offsets.make_room(weights.output_channels * int64_t{sizeof(int32_t)});
  int32_t *offsets = scratch.channel_offsets.as<int32_t>();
  if (offsets == nullptr) std::abort();
  write_channel_offsets(weights, input_zero_point, bias, offsets);
  return offsets;
}

}  // namespace ckernels

void ck_expect_input_zero_point(ck_packed_weights *weights, int32_t input_zero_point) {
  ckernels::AlignedBuffer offsets(weights->output_channels * int64_t{sizeof(int32_t)});
  if (offsets.data() == nullptr) std::abort();
  ckernels::write_channel_offsets(*weights, input_zero_point, nullptr, offsets.as<int32_t>());
  weights->expected_zero_point = input_zero_point;
  weights->expected_offsets = static_cast<ckernels::AlignedBuffer &&>(offsets);
}
