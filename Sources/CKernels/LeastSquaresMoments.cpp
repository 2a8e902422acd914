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

/// Numbers that are worked on together; wider than the registers of some instruction sets.
using Lanes = float __attribute__((vector_size(64)));
constexpr int64_t lanes = 16;
/// Rows whose products are added in single precision.
constexpr int64_t chunk = 64;
/// Lines of sums that are kept in registers together, and vectors of each.
constexpr int64_t lines = 4, vectors = 2;

/// `sums += a · b`, where b may lie anywhere.
__attribute__((always_inline)) inline void add_product(const Lanes &a, const float *b, Lanes &sums) {
  Lanes numbers;
  std::memcpy(&numbers, b, sizeof numbers);
  sums = __builtin_elementwise_fma(a, numbers, sums);
}

/// `sums[i][j] += Σ a[row][i] · b[row][j]` for a tile of packed columns.
void gram_tile(const float *a, const float *b, int64_t rows, double *sums, int64_t stride,
               int64_t line_count, int64_t count) {
  vectorized(CKERNELS_LOOP {
    Lanes partial[lines][vectors] = {};
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t i = 0; i < lines; ++i)
        for (int64_t j = 0; j < vectors; ++j)
          add_product(Lanes{} + a[row * lines + i], b + (row * vectors + j) * lanes, partial[i][j]);
    for (int64_t i = 0; i < line_count; ++i)
      for (int64_t j = 0; j < count; ++j)
        sums[i * stride + j] += partial[i][j / lanes][j % lanes];
  });
}

/// `sums[c][i][j] += Σ a[row][i][c] · b[row][j][c]` for some `j` and neighbouring channels.
template <int64_t count>
void channel_tile(const float *a, const float *b, int64_t rows, int64_t taps, int64_t channels,
                  double *sums) {
  vectorized(CKERNELS_LOOP {
    Lanes partial[count] = {};
    for (int64_t row = 0; row < rows; ++row) {
      Lanes x;
      std::memcpy(&x, a + row * taps * channels, sizeof x);
      for (int64_t j = 0; j < count; ++j)
        add_product(x, b + (row * taps + j) * channels, partial[j]);
    }
    for (int64_t lane = 0; lane < lanes; ++lane)
      for (int64_t j = 0; j < count; ++j) sums[lane * taps * taps + j] += partial[j][lane];
  });
}

/// As `channel_tile` for a single sum.
void add_products(const float *a, const float *b, int64_t rows, int64_t stride, double *sum) {
  float partial = 0;
  for (int64_t row = 0; row < rows; ++row)
    partial = __builtin_fmaf(a[row * stride], b[row * stride], partial);
  *sum += partial;
}

/// A line of the sums of some channels: `i` with all `j` from `first` on.
void channel_line(const float *a, const float *b, int64_t rows, int64_t taps, int64_t channels,
                  double *sums, int64_t i, int64_t first, int64_t channel) {
  const float *const x = a + i * channels + channel;
  const auto y = [=](int64_t j) { return b + j * channels + channel; };
  double *const line = sums + (channel * taps + i) * taps;
  int64_t j = first;
  for (; j + 8 <= taps; j += 8) channel_tile<8>(x, y(j), rows, taps, channels, line + j);
  for (; j + 2 <= taps; j += 2) channel_tile<2>(x, y(j), rows, taps, channels, line + j);
  for (; j < taps; ++j) channel_tile<1>(x, y(j), rows, taps, channels, line + j);
}

}  // namespace

void ck_gram_f32(const float *a, const float *b, int64_t rows, int64_t width, double *sums,
                 int64_t begin, int64_t end) {
  constexpr int64_t tile = vectors * lanes;
  for (int64_t row = 0; row < rows; row += chunk) {
    const int64_t count = std::min(chunk, rows - row);
    // Nothing left of the diagonal is wanted of a symmetric matrix.
    const int64_t left = a == b ? begin / tile * tile : 0;
    const auto x = packed_columns(a + row * width, count, width, begin, end, lines);
    const auto y = packed_columns(b + row * width, count, width, left, width, tile);
    for (int64_t j = left; j < width; j += tile)
      for (int64_t i = begin; i < end && (a != b || i < j + tile); i += lines)
        gram_tile(x.data() + (i - begin) * count, y.data() + (j - left) * count, count,
                  sums + i * width + j, width, std::min(lines, end - i), std::min(tile, width - j));
  }
}

void ck_gram_channels_f32(const float *a, const float *b, int64_t rows, int64_t taps,
                          int64_t channels, double *sums, int64_t begin, int64_t end) {
  const int64_t stride = taps * channels;
  for (int64_t row = 0; row < rows; row += chunk) {
    const int64_t count = std::min(chunk, rows - row);
    const float *const x = a + row * stride, *const y = b + row * stride;
    int64_t channel = begin;
    for (; channel + lanes <= end; channel += lanes)
      for (int64_t i = 0; i < taps; ++i)
        channel_line(x, y, count, taps, channels, sums, i, a == b ? i : 0, channel);
    for (; channel < end; ++channel)
      for (int64_t i = 0; i < taps; ++i)
        for (int64_t j = a == b ? i : 0; j < taps; ++j)
          add_products(x + i * channels + channel, y + j * channels + channel, count, stride,
                       sums + (channel * taps + i) * taps + j);
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

void ck_column_errors_f32(const float *real, const float *quantized, int64_t rows, int64_t taps,
                          int64_t channels, int64_t first, int64_t depth, const float *weights,
                          const float *stored, float *errors) {
  for (int64_t row = 0; row < rows; ++row) {
    float partial[lanes] = {};
    float *const sums = partial;
    for (int64_t tap = 0; tap < taps; ++tap) {
      const int64_t start = (row * taps + tap) * channels + first;
      const float *const x = real + start, *const y = quantized + start;
      const float *const w = weights + tap * depth, *const v = stored + tap * depth;
      const int64_t whole = depth / lanes * lanes;
      if (whole > 0)
        vectorized(CKERNELS_LOOP {
          for (int64_t i = 0; i < whole; i += lanes)
            for (int64_t lane = 0; lane < lanes; ++lane)
              sums[lane] += w[i + lane] * x[i + lane] - v[i + lane] * y[i + lane];
        });
      for (int64_t i = whole; i < depth; ++i) sums[i - whole] += w[i] * x[i] - v[i] * y[i];
    }
    errors[row] = 0;
    for (const float sum : partial) errors[row] += sum;
  }
}

void ck_mirror_f64(double *matrix, int64_t width) {
  constexpr int64_t block = 16;
  for (int64_t top = 0; top < width; top += block)
    for (int64_t left = top; left < width; left += block)
      for (int64_t i = top; i < std::min(top + block, width); ++i)
        for (int64_t j = std::max(left, i + 1); j < std::min(left + block, width); ++j)
          matrix[j * width + i] = matrix[i * width + j];
}
