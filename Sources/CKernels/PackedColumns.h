#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "Multiversion.h"

/// Products of float matrices of any size, of which a part is kept in registers.
namespace ckernels {

/// Numbers that are worked on together; wider than the registers of some instruction sets.
using FloatLanes = float __attribute__((vector_size(64)));
constexpr int64_t float_lanes = 16;
/// Columns that are worked on together, and lines of a product.
constexpr int64_t tile_columns = 64, tile_lines = 4;

/// A matrix's columns `begin ..< end` in groups of `tile_columns`, each group's rows one after the
/// other; what is missing of the last group is 0.
inline std::vector<float> packed_columns(const float *numbers, int64_t rows, int64_t stride,
                                         int64_t begin, int64_t end) {
  const int64_t groups = (end - begin + tile_columns - 1) / tile_columns;
  std::vector<float> result(static_cast<size_t>(groups * rows * tile_columns));
  float *target = result.data();
  for (int64_t first = begin; first < end; first += tile_columns) {
    const auto size = static_cast<size_t>(std::min(tile_columns, end - first)) * sizeof(float);
    for (int64_t row = 0; row < rows; ++row, target += tile_columns)
      std::memcpy(target, numbers + row * stride + first, size);
  }
  return result;
}

/// Lines of a left operand: `numbers[i * line + k * depth]` is element k of line i.
struct Lines {
  const float *numbers;
  int64_t line, depth;
};

/// `product[i][j] += sign · Σ a[i][k] · b[k][j]` for some lines and a tile of packed columns.
template <int64_t count>
__attribute__((always_inline)) inline void add_tile(const Lines &a, const float *b, int64_t depth,
                                                    float sign, float *product, int64_t stride,
                                                    int64_t columns) {
  constexpr int64_t vectors = tile_columns / float_lanes;
  FloatLanes sums[count][vectors] = {};
  for (int64_t k = 0; k < depth; ++k)
    for (int64_t j = 0; j < vectors; ++j) {
      FloatLanes numbers;
      std::memcpy(&numbers, b + k * tile_columns + j * float_lanes, sizeof numbers);
      for (int64_t i = 0; i < count; ++i)
        sums[i][j] = __builtin_elementwise_fma(
            FloatLanes{} + a.numbers[i * a.line + k * a.depth], numbers, sums[i][j]);
    }
  for (int64_t i = 0; i < count; ++i) {
    float partial[tile_columns];
    std::memcpy(partial, sums[i], sizeof partial);
    for (int64_t j = 0; j < columns; ++j) product[i * stride + j] += sign * partial[j];
  }
}

/// `add_tile` for any number of lines.
inline void add_products(const Lines &a, int64_t lines, const float *b, int64_t depth, float sign,
                         float *product, int64_t stride, int64_t columns) {
  vectorized(CKERNELS_LOOP {
    int64_t i = 0;
    for (; i + tile_lines <= lines; i += tile_lines)
      add_tile<tile_lines>({a.numbers + i * a.line, a.line, a.depth}, b, depth, sign,
                           product + i * stride, stride, columns);
    for (; i < lines; ++i)
      add_tile<1>({a.numbers + i * a.line, a.line, a.depth}, b, depth, sign, product + i * stride,
                  stride, columns);
  });
}

}  // namespace ckernels
