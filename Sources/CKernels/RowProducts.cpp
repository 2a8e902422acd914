#include "RowProducts.h"

#include <cstddef>

#include "Multiversion.h"

#pragma STDC FP_CONTRACT OFF

namespace ckernels {
namespace {

/// Rows that are multiplied at once.
constexpr int32_t tile_rows = 8;
/// Rows of a packed panel.
constexpr int32_t panel_rows = 32;

// Each order deals the terms of whole runs of `run` out to `lanes` partial sums, which `total` adds
// up; terms behind the last whole run follow one by one. A sum `is_apart` if it is complete before
// it is added to what is there.

struct LanesInTurn {
  static constexpr int32_t lanes = 4, run = 4;
  static constexpr bool is_apart = false;
  static float total(const float *sums) { return 0 + sums[0] + sums[1] + sums[2] + sums[3]; }
};

struct OneByOne {
  static constexpr int32_t lanes = 1, run = 1;
  static constexpr bool is_apart = true;
  static float total(const float *sums) { return sums[0]; }
};

struct EvenAndOdd {
  static constexpr int32_t lanes = 2, run = 8;
  static constexpr bool is_apart = true;
  static float total(const float *sums) { return sums[0] + sums[1]; }
};

struct NeighboursFirst {
  static constexpr int32_t lanes = 4, run = 4;
  static constexpr bool is_apart = true;
  static float total(const float *sums) { return (sums[0] + sums[1]) + (sums[2] + sums[3]); }
};

struct HalvesFirst {
  static constexpr int32_t lanes = 4, run = 4;
  static constexpr bool is_apart = true;
  static float total(const float *sums) { return (sums[0] + sums[2]) + (sums[1] + sums[3]); }
};

struct FourVectors {
  static constexpr int32_t lanes = 16, run = 4;
  static constexpr bool is_apart = true;
  static float total(const float *sums) {
    float lane_sums[4];
    for (int32_t i = 0; i < 4; ++i)
      lane_sums[i] = sums[i] + (sums[4 + i] + (sums[8 + i] + sums[12 + i]));
    return HalvesFirst::total(lane_sums);
  }
};

template <typename Order, int32_t rows>
__attribute__((always_inline)) inline void add_tile(const float *weights, const float *vector,
                                                    int32_t count, float *sums) {
  float lanes[rows][Order::lanes] = {};
  const int32_t whole = count / Order::run * Order::run;
  int32_t i = 0;
  for (; i + Order::lanes <= whole; i += Order::lanes)
    for (int32_t r = 0; r < rows; ++r)
      for (int32_t lane = 0; lane < Order::lanes; ++lane)
        lanes[r][lane] += weights[int64_t{r} * count + i + lane] * vector[i + lane];
  for (int32_t r = 0; r < rows; ++r) {
    const float *row = weights + int64_t{r} * count;
    for (int32_t rest = i; rest < whole; ++rest) lanes[r][rest - i] += row[rest] * vector[rest];
    float sum = (Order::is_apart ? 0 : sums[r]) + Order::total(lanes[r]);
    for (int32_t rest = whole; rest < count; ++rest) sum += row[rest] * vector[rest];
    sums[r] = Order::is_apart ? sums[r] + sum : sum;
  }
}

template <typename Order>
void add_in_order(const float *weights, int32_t rows, const float *vector, int32_t count,
                  float *sums) {
  vectorized(CKERNELS_LOOP {
    int32_t row = 0;
    for (; row + tile_rows <= rows; row += tile_rows)
      add_tile<Order, tile_rows>(weights + int64_t{row} * count, vector, count, sums + row);
    for (; row < rows; ++row)
      add_tile<Order, 1>(weights + int64_t{row} * count, vector, count, sums + row);
  });
}

/// Adds the products of a panel, whose terms are taken one by one.
__attribute__((always_inline)) inline void add_panel(const float *panel, const float *vector,
                                                     int32_t count, float *sums) {
  float totals[panel_rows] = {};
  for (int32_t i = 0; i < count; ++i)
    for (int32_t r = 0; r < panel_rows; ++r)
      totals[r] += panel[int64_t{i} * panel_rows + r] * vector[i];
  for (int32_t r = 0; r < panel_rows; ++r) sums[r] += totals[r];
}

/// `add_in_order` for the rows from `begin` to `end`.
template <typename Order>
void add_range(const float *weights, int32_t begin, int32_t end, const float *vector,
               int32_t count, float *sums) {
  add_in_order<Order>(weights + int64_t{begin} * count, end - begin, vector, count, sums + begin);
}

}  // namespace

void add_row_products(const float *weights, int32_t rows, const float *vector, int32_t count,
                      float *sums) {
  add_in_order<LanesInTurn>(weights, rows, vector, count, sums);
}

void RowMatrix::add_products(const float *vector, ProductColumn column, float *sums) {
  if (rows == 1 && column.count == 1)
    return add_in_order<FourVectors>(weights, rows, vector, count, sums);
  // A product with one vector, or a small one.
  constexpr int64_t small = 20;
  if (rows == 1 || column.count == 1 || int64_t{rows} + column.count + count < small)
    return add_in_order<HalvesFirst>(weights, rows, vector, count, sums);
  // Blocks of rows by 4 columns, of which the last may be fewer.
  if (column.index >= column.count / 4 * 4) return add_one_by_one(rows, vector, sums);
  const int32_t eights = rows / 8 * 8, fours = rows / 4 * 4;
  add_one_by_one(eights, vector, sums);
  add_range<EvenAndOdd>(weights, eights, fours, vector, count, sums);
  add_range<NeighboursFirst>(weights, fours, rows, vector, count, sums);
}

void RowMatrix::add_one_by_one(int32_t end, const float *vector, float *sums) {
  if (panels.empty()) pack();
  const int32_t whole = end / panel_rows * panel_rows, columns = count;
  const float *packed = panels.data();
  vectorized(CKERNELS_LOOP {
    for (int32_t row = 0; row < whole; row += panel_rows)
      add_panel(packed + int64_t{row} * columns, vector, columns, sums + row);
  });
  add_range<OneByOne>(weights, whole, end, vector, count, sums);
}

void RowMatrix::pack() {
  const int32_t whole = rows / panel_rows * panel_rows;
  panels.reserve(static_cast<std::size_t>(whole) * static_cast<std::size_t>(count));
  for (int32_t row = 0; row < whole; row += panel_rows)
    for (int32_t column = 0; column < count; ++column)
      for (int32_t r = 0; r < panel_rows; ++r)
        panels.push_back(weights[int64_t{row + r} * count + column]);
}

}  // namespace ckernels
