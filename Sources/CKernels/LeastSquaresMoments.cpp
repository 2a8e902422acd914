#include <algorithm>
#include <cstring>
#include <vector>

#include "CKernels.h"
#include "Multiversion.h"
#include "PackedColumns.h"

// Each instruction set gives the same bits: products are rounded, or fused, where it is written.
#pragma clang fp contract(off)

using namespace ckernels;

namespace {

/// `sums += a · b`, where b may lie anywhere.
__attribute__((always_inline)) inline void add_product(const FloatLanes &a, const float *b,
                                                       FloatLanes &sums) {
  FloatLanes numbers;
  std::memcpy(&numbers, b, sizeof numbers);
  sums = __builtin_elementwise_fma(a, numbers, sums);
}

/// Rows of some channels whose products are added before others are looked at; they stay in the
/// first cache.
constexpr int64_t chunk = 32;

/// Some rows [taps][channels] of up to `float_lanes` channels, which are 0 where there are fewer.
std::vector<float> packed_channels(const float *numbers, int64_t rows, int64_t taps,
                                   int64_t channels, int64_t count) {
  std::vector<float> packed(static_cast<size_t>(rows * taps * float_lanes));
  for (int64_t i = 0; i < rows * taps; ++i)
    std::memcpy(packed.data() + i * float_lanes, numbers + i * channels,
                static_cast<size_t>(count) * sizeof(float));
  return packed;
}

/// `sums[j] += Σ a[row] · b[row][j]` for some taps `j` of packed channels, and one of a.
template <int64_t count>
void channel_tile(const float *a, const float *b, int64_t rows, int64_t stride, FloatLanes *sums) {
  vectorized(CKERNELS_LOOP {
    FloatLanes partial[count];
    std::copy_n(sums, count, partial);
    for (int64_t row = 0; row < rows; ++row) {
      FloatLanes x;
      std::memcpy(&x, a + row * stride, sizeof x);
      for (int64_t j = 0; j < count; ++j)
        add_product(x, b + row * stride + j * float_lanes, partial[j]);
    }
    std::copy_n(partial, count, sums);
  });
}

/// A line of the sums of packed channels: a tap of a with all of b from `first` on.
void channel_line(const float *a, const float *b, int64_t rows, int64_t taps, int64_t first,
                  FloatLanes *line) {
  const int64_t stride = taps * float_lanes;
  int64_t j = first;
  for (; j + 8 <= taps; j += 8) channel_tile<8>(a, b + j * float_lanes, rows, stride, line + j);
  for (; j + 2 <= taps; j += 2) channel_tile<2>(a, b + j * float_lanes, rows, stride, line + j);
  for (; j < taps; ++j) channel_tile<1>(a, b + j * float_lanes, rows, stride, line + j);
}

}  // namespace

void ck_gram_f32(const float *a, const float *b, int64_t rows, int64_t width, float *sums,
                 int64_t begin, int64_t end) {
  // Nothing left of the diagonal is wanted of a symmetric matrix.
  const int64_t left = a == b ? begin / tile_columns * tile_columns : 0;
  const auto y = packed_columns(b, rows, width, left, width);
  for (int64_t j = left; j < width; j += tile_columns) {
    const int64_t last = a == b ? std::min(end, j + tile_columns) : end;
    add_products({a + begin, 1, width}, last - begin, y.data() + (j - left) * rows, rows, 1,
                 sums + begin * width + j, width, std::min(tile_columns, width - j));
  }
}

void ck_gram_channels_f32(const float *a, const float *b, int64_t rows, int64_t taps,
                          int64_t channels, float *sums, int64_t begin, int64_t end) {
  for (int64_t channel = begin; channel < end; channel += float_lanes) {
    const int64_t count = std::min(float_lanes, end - channel);
    std::vector<FloatLanes> found(static_cast<size_t>(taps * taps), FloatLanes{});
    for (int64_t row = 0; row < rows; row += chunk) {
      const int64_t part = std::min(chunk, rows - row), start = row * taps * channels + channel;
      const auto x = packed_channels(a + start, part, taps, channels, count);
      const auto y = a == b ? x : packed_channels(b + start, part, taps, channels, count);
      for (int64_t i = 0; i < taps; ++i)
        channel_line(x.data() + i * float_lanes, y.data(), part, taps, a == b ? i : 0,
                     found.data() + i * taps);
    }
    for (int64_t lane = 0; lane < count; ++lane)
      for (int64_t i = 0; i < taps * taps; ++i)
        sums[(channel + lane) * taps * taps + i] += found[static_cast<size_t>(i)][lane];
  }
}

void ck_weigh_rows_f32(float *real, float *quantized, int64_t rows, int64_t width,
                       const float *roots, double *real_sums, double *sums) {
  for (int64_t row = 0; row < rows; ++row) {
    float *const x = real + row * width, *const y = quantized + row * width;
    const float root = roots[row];
    vectorized(CKERNELS_LOOP {
      for (int64_t i = 0; i < width; ++i) {
        y[i] *= root;
        x[i] = x[i] * root - y[i];
        real_sums[i] += static_cast<double>(root) * x[i];
        sums[i] += static_cast<double>(root) * y[i];
      }
    });
  }
}

double ck_energy_f32(const float *numbers, int64_t count) {
  constexpr int64_t lanes = float_lanes;
  double partial[lanes] = {};
  double *const sums = partial;
  vectorized(CKERNELS_LOOP {
    for (int64_t i = 0; i + lanes <= count; i += lanes)
      for (int64_t lane = 0; lane < lanes; ++lane)
        sums[lane] += static_cast<double>(numbers[i + lane]) * numbers[i + lane];
  });
  double result = 0;
  for (int64_t lane = 0; lane < lanes; ++lane) result += sums[lane];
  for (int64_t i = count / lanes * lanes; i < count; ++i)
    result += static_cast<double>(numbers[i]) * numbers[i];
  return result;
}

void ck_add_column_products_f32(const float *columns, int64_t count, const int64_t *places,
                                int64_t width, const float *weights, int64_t row_stride,
                                int64_t column_stride, int64_t rows, float sign, float *sums) {
  std::vector<float> packed(static_cast<size_t>(width * tile_columns));
  for (int64_t first = 0; first < count; first += tile_columns) {
    const int64_t part = std::min(tile_columns, count - first);
    for (int64_t k = 0; k < width; ++k)
      std::memcpy(packed.data() + k * tile_columns, columns + places[k] * count + first,
                  static_cast<size_t>(part) * sizeof(float));
    add_products({weights, row_stride, column_stride}, rows, packed.data(), width, sign,
                 sums + first, count, part);
  }
}

void ck_transpose_f32(const float *matrix, int64_t rows, int64_t columns, float *result) {
  constexpr int64_t block = 16;
  for (int64_t left = 0; left < columns; left += block)
    for (int64_t top = 0; top < rows; top += block)
      for (int64_t j = left; j < std::min(left + block, columns); ++j)
        for (int64_t i = top; i < std::min(top + block, rows); ++i)
          result[j * rows + i] = matrix[i * columns + j];
}

float ck_middle_f32(float *numbers, int64_t count) {
  std::nth_element(numbers, numbers + count / 2, numbers + count);
  return numbers[count / 2];
}

void ck_mirror_f32(float *matrix, int64_t width) {
  constexpr int64_t block = 16;
  for (int64_t top = 0; top < width; top += block)
    for (int64_t left = top; left < width; left += block)
      for (int64_t i = top; i < std::min(top + block, width); ++i)
        for (int64_t j = std::max(left, i + 1); j < std::min(left + block, width); ++j)
          matrix[j * width + i] = matrix[i * width + j];
}
