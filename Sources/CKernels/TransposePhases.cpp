#include "TransposePhases.h"

#include <new>

namespace ckernels {

/// Taps of a phase along one axis; a phase without any has one of weight 0.
static int32_t phase_taps(int32_t kernel, int32_t stride, int32_t phase) {
  return phase < kernel ? (kernel - phase + stride - 1) / stride : 1;
}

// MARK: Geometry

static int64_t floor_divide(int64_t a, int64_t b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }

PhaseAxis::PhaseAxis(int64_t offset, int32_t stride, int32_t kernel, int32_t transposed_pad,
                     int64_t extent)
    : offset(offset), stride(stride), count((extent - offset + stride - 1) / stride) {
  const int64_t first = floor_divide(offset + transposed_pad, stride);
  phase = static_cast<int32_t>(offset + transposed_pad - first * stride);
  taps = phase_taps(kernel, stride, phase);
  pad = static_cast<int32_t>(limited<int64_t>(taps - 1 - first, INT32_MIN, INT32_MAX));
}

int64_t PhaseAxis::first_from(int64_t position) const {
  return limited<int64_t>(floor_divide(position - offset + stride - 1, stride), 0, count);
}

static bool is_empty(ck_shape shape) {
  return shape.batches < 1 || shape.height < 1 || shape.width < 1 || shape.channels < 1;
}

std::vector<Phase> phases(const ck_packed_transpose_weights &weights, ck_shape input,
                          ck_shape output, int32_t pad_top, int32_t pad_left, int32_t row_begin,
                          int32_t row_end) {
  std::vector<Phase> result;
  if (is_empty(input) || is_empty(output)) return result;
  for (int64_t i = 0; i < std::min(weights.stride_height, output.height); ++i) {
    const PhaseAxis rows(i, weights.stride_height, weights.kernel_height, pad_top, output.height);
    for (int64_t j = 0; j < std::min(weights.stride_width, output.width); ++j) {
      const PhaseAxis columns(j, weights.stride_width, weights.kernel_width, pad_left,
                              output.width);
      const ck_window window = {rows.taps, columns.taps, 1, 1, 1, 1, rows.pad, columns.pad};
      const ck_shape shape = {output.batches, static_cast<int32_t>(rows.count),
                              static_cast<int32_t>(columns.count), output.channels};
      const int64_t index = int64_t{rows.phase} * weights.stride_width + columns.phase;
      for (int64_t batch = 0; batch < output.batches; ++batch) {
        const int64_t first_row = batch * output.height, first = batch * rows.count;
        const TiledConvolution convolution = {input, shape, window,
                                              first + rows.first_from(row_begin - first_row),
                                              first + rows.first_from(row_end - first_row)};
        if (!convolution.is_empty())
          result.push_back(
              {convolution, weights.phases[static_cast<size_t>(index)], rows, columns});
      }
    }
  }
  return result;
}

// MARK: Packing

/// The taps of one phase, reversed, as the weights of a dense convolution; `zero` where there is
/// none.
template <typename Weight>
static std::vector<Weight> phase_weights(const Weight *weights, Weight zero,
                                         int32_t output_channels,
                                         const ck_packed_transpose_weights &packed,
                                         int32_t phase_row, int32_t phase_column,
                                         int32_t input_channels) {
  const int32_t rows = phase_taps(packed.kernel_height, packed.stride_height, phase_row);
  const int32_t columns = phase_taps(packed.kernel_width, packed.stride_width, phase_column);
  std::vector<Weight> result;
  result.reserve(static_cast<size_t>(output_channels) * rows * columns * input_channels);
  for (int64_t channel = 0; channel < output_channels; ++channel) {
    for (int32_t i = rows - 1; i >= 0; --i) {
      for (int32_t j = columns - 1; j >= 0; --j) {
        const int64_t row = phase_row + int64_t{i} * packed.stride_height;
        const int64_t column = phase_column + int64_t{j} * packed.stride_width;
        const bool exists = row < packed.kernel_height && column < packed.kernel_width;
        const Weight *tap =
            weights + ((channel * packed.kernel_height + row) * packed.kernel_width + column) *
                          input_channels;
        for (int32_t k = 0; k < input_channels; ++k) result.push_back(exists ? tap[k] : zero);
      }
    }
  }
  return result;
}

/// `pack(weights, kernel_height, kernel_width)` for every phase.
template <typename Weight, typename Pack>
static ck_packed_transpose_weights *pack_phases(const Weight *weights, Weight zero,
                                                int32_t output_channels,
                                                int32_t kernel_height, int32_t kernel_width,
                                                int32_t input_channels, int32_t stride_height,
                                                int32_t stride_width, const Pack &pack) {
  if (output_channels < 1 || kernel_height < 1 || kernel_width < 1 || input_channels < 1 ||
      stride_height < 1 || stride_width < 1)
    return nullptr;
  auto *packed = new (std::nothrow)
      ck_packed_transpose_weights{kernel_height, kernel_width, stride_height, stride_width, {}};
  if (packed == nullptr) return nullptr;
  for (int32_t row = 0; row < stride_height; ++row) {
    for (int32_t column = 0; column < stride_width; ++column) {
      const std::vector<Weight> taps =
          phase_weights(weights, zero, output_channels, *packed, row, column, input_channels);
      packed->phases.push_back(pack(taps.data(), phase_taps(kernel_height, stride_height, row),
                                    phase_taps(kernel_width, stride_width, column)));
      if (packed->phases.back() == nullptr) {
        delete packed;
        return nullptr;
      }
    }
  }
  return packed;
}

}  // namespace ckernels

// MARK: Public interface

using namespace ckernels;

void ck_free_packed_transpose_weights(ck_packed_transpose_weights *weights) { delete weights; }

ck_packed_transpose_weights *ck_pack_transpose_conv2d_i8(
    const int8_t *weights, int32_t weight_zero_point, int32_t output_channels,
    int32_t kernel_height, int32_t kernel_width, int32_t input_channels, int32_t stride_height,
    int32_t stride_width) {
  return pack_phases(
      weights, static_cast<int8_t>(weight_zero_point), output_channels, kernel_height, kernel_width, input_channels, stride_height,
      stride_width, [&](const int8_t *taps, int32_t height, int32_t width) {
        return ck_pack_conv2d_i8(taps, weight_zero_point, output_channels, height, width,
                                 input_channels);
      });
}

ck_packed_transpose_weights *ck_pack_transpose_conv2d_i16x8(
    const int8_t *weights, int32_t output_channels, int32_t kernel_height, int32_t kernel_width,
    int32_t input_channels, int32_t stride_height, int32_t stride_width) {
  return pack_phases(
      weights, int8_t{0}, output_channels, kernel_height, kernel_width, input_channels, stride_height,
      stride_width, [&](const int8_t *taps, int32_t height, int32_t width) {
        return ck_pack_conv2d_i16x8(taps, output_channels, height, width, input_channels);
      });
}

ck_packed_transpose_weights *ck_pack_transpose_conv2d_f32(
    const float *weights, int32_t output_channels, int32_t kernel_height, int32_t kernel_width,
    int32_t input_channels, int32_t stride_height, int32_t stride_width) {
  return pack_phases(
      weights, 0.0f, output_channels, kernel_height, kernel_width, input_channels, stride_height,
      stride_width, [&](const float *taps, int32_t height, int32_t width) {
        return ck_pack_conv2d_f32(taps, output_channels, height, width, input_channels, 0);
      });
}
