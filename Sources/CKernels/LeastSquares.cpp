#include <algorithm>
#include <cmath>
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
using Lanes = double __attribute__((vector_size(64)));
constexpr int64_t lanes = 8;
/// Lines of a product that are kept in registers together.
constexpr int64_t lines = 4;
/// Columns that are worked on together: rows of them stay in the second cache.
constexpr int64_t tile = 32;
/// Rows of a triangle that are found before all below are changed by them.
constexpr int64_t panel = 32;
/// Changes of two weights for an output channel: each takes a search, and wins less than those
/// before.
constexpr int64_t pair_limit = 16;
/// Goes over all weights between changes of two.
constexpr int64_t sweep_limit = 32;

/// `y[i] += factor · x[i]`.
void add_scaled(double factor, const double *x, double *y, int64_t count) {
  vectorized(CKERNELS_LOOP {
    for (int64_t i = 0; i < count; ++i) y[i] = __builtin_fma(factor, x[i], y[i]);
  });
}

/// `product[i][j] += Σ a[k][i] · b[k][j]` for a tile of packed columns.
void product_tile(const double *a, const double *b, int64_t depth, double *product, int64_t stride,
                  int64_t line_count, int64_t count) {
  vectorized(CKERNELS_LOOP {
    Lanes sums[lines][tile / lanes] = {};
    for (int64_t k = 0; k < depth; ++k)
      for (int64_t j = 0; j < tile / lanes; ++j) {
        Lanes numbers;
        std::memcpy(&numbers, b + k * tile + j * lanes, sizeof numbers);
        for (int64_t i = 0; i < lines; ++i)
          sums[i][j] = __builtin_elementwise_fma(Lanes{} + a[k * lines + i], numbers, sums[i][j]);
      }
    for (int64_t i = 0; i < line_count; ++i)
      for (int64_t j = 0; j < count; ++j)
        product[i * stride + j] += sums[i][j / lanes][j % lanes];
  });
}

/// A weight at a time: what changing it by whole steps can win.
struct Descent {
  const double *matrix;
  int64_t width;
  const float *scales, *lower, *upper;
  float *steps;
  /// `matrix · e`.
  std::vector<double> gradient;
  double error = 0;

  double diagonal(int64_t j) const { return matrix[j * width + j]; }

  /// What the error grows by if weight j has `change` more steps.
  double growth(int64_t j, float change) const {
    const double move = static_cast<double>(scales[j]) * change;
    return move * (move * diagonal(j) - 2 * gradient[static_cast<size_t>(j)]);
  }

  bool allows(int64_t j, float change) const {
    return steps[j] + change >= lower[j] && steps[j] + change <= upper[j];
  }

  void apply(int64_t j, float change) {
    error += growth(j, change);
    steps[j] += change;
    add_scaled(-static_cast<double>(scales[j]) * change, matrix + j * width, gradient.data(),
               width);
  }

  /// Goes over all weights once; returns whether any was changed.
  bool sweep(double tolerance) {
    bool has_changed = false;
    for (int64_t j = 0; j < width; ++j) {
      const double step = scales[j] * diagonal(j);
      if (!(step > 0)) continue;
      const double wanted = std::nearbyint(gradient[static_cast<size_t>(j)] / step) + steps[j];
      const float change =
          static_cast<float>(std::min<double>(std::max<double>(wanted, lower[j]), upper[j])) -
          steps[j];
      if (change == 0 || !(growth(j, change) < -tolerance)) continue;
      apply(j, change);
      has_changed = true;
    }
    return has_changed;
  }

  struct Move {
    double growth;
    int64_t place;
    float change;
  };

  /// Changes the two weights that win most together, among those that lose least alone.
  bool change_pair(double tolerance, std::vector<Move> &moves) {
    moves.clear();
    for (int64_t j = 0; j < width; ++j)
      for (const float change : {-1.0f, 1.0f})
        if (allows(j, change)) moves.push_back({growth(j, change), j, change});
    const auto count = std::min<size_t>(moves.size(), 32);
    std::partial_sort(moves.begin(), moves.begin() + static_cast<int64_t>(count), moves.end(),
                      [](const Move &a, const Move &b) {
                        if (a.growth != b.growth) return a.growth < b.growth;
                        return a.place != b.place ? a.place < b.place : a.change < b.change;
                      });
    double best = -tolerance;
    const Move *first = nullptr, *second = nullptr;
    for (size_t p = 0; p < count; ++p)
      for (size_t q = 0; q < p; ++q) {
        const Move &a = moves[p], &b = moves[q];
        if (a.place == b.place) continue;
        const double together = a.growth + b.growth +
                                2 * scales[a.place] * a.change * scales[b.place] * b.change *
                                    matrix[a.place * width + b.place];
        if (!(together < best)) continue;
        best = together;
        first = &a;
        second = &b;
      }
    if (first == nullptr) return false;
    apply(first->place, first->change);
    apply(second->place, second->change);
    return true;
  }
};

}  // namespace

void ck_transposed_product_f64(const double *a, const double *b, int64_t width, int64_t columns,
                               double *product, int64_t begin, int64_t end) {
  const auto x = packed_columns(a, width, width, begin, end, lines);
  for (int64_t first = 0; first < columns; first += tile) {
    const int64_t count = std::min(tile, columns - first);
    const auto y = packed_columns(b, width, columns, first, first + count, tile);
    for (int64_t i = begin; i < end; i += lines)
      product_tile(x.data() + (i - begin) * width, y.data(), width, product + i * columns + first,
                   columns, std::min(lines, end - i), count);
  }
}

int32_t ck_cholesky_f64(double *matrix, int64_t width) {
  for (int64_t first = 0; first < width; first += panel) {
    const int64_t last = std::min(first + panel, width);
    for (int64_t row = first; row < last; ++row) {
      double *const line = matrix + row * width;
      if (!(line[row] > 0) || !std::isfinite(line[row])) return 0;
      const double inverse = 1 / std::sqrt(line[row]);
      for (int64_t k = row; k < width; ++k) line[k] *= inverse;
      for (int64_t k = row + 1; k < last; ++k)
        add_scaled(-line[k], line + k, matrix + k * width + k, width - k);
    }
    for (int64_t k = last; k < width; ++k)
      for (int64_t row = first; row < last; ++row)
        add_scaled(-matrix[row * width + k], matrix + row * width + k, matrix + k * width + k,
                   width - k);
  }
  return 1;
}

void ck_solve_cholesky_f64(const double *triangle, int64_t width, double *y, int64_t columns,
                           int64_t begin, int64_t end) {
  for (int64_t first = begin; first < end; first += tile) {
    const int64_t count = std::min(tile, end - first);
    for (int64_t j = 0; j < width; ++j) {
      double *const line = y + j * columns + first;
      const double *const row = triangle + j * width;
      for (int64_t k = 0; k < count; ++k) line[k] /= row[j];
      for (int64_t k = j + 1; k < width; ++k)
        add_scaled(-row[k], line, y + k * columns + first, count);
    }
    for (int64_t j = width - 1; j >= 0; --j) {
      double *const line = y + j * columns + first;
      const double *const row = triangle + j * width;
      for (int64_t k = j + 1; k < width; ++k)
        add_scaled(-row[k], y + k * columns + first, line, count);
      for (int64_t k = 0; k < count; ++k) line[k] /= row[j];
    }
  }
}

void ck_round_triangular_f64(const double *triangle, int64_t width, const double *weights,
                             const float *scales, const float *lower, const float *upper,
                             float *steps, int64_t columns, int64_t begin, int64_t end) {
  std::vector<double> errors(static_cast<size_t>(width * tile));
  for (int64_t first = begin; first < end; first += tile) {
    const int64_t count = std::min(tile, end - first);
    for (int64_t j = width - 1; j >= 0; --j) {
      const double *const row = triangle + j * width;
      double wanted[tile] = {};
      for (int64_t k = j + 1; k < width; ++k)
        add_scaled(row[k], errors.data() + k * tile, wanted, tile);
      for (int64_t k = 0; k < count; ++k) {
        const int64_t place = j * columns + first + k;
        const double number = weights[place] + wanted[k] / row[j];
        const double step = std::nearbyint(number / scales[place]);
        steps[place] = static_cast<float>(
            std::min<double>(std::max<double>(step, lower[place]), upper[place]));
        errors[static_cast<size_t>(j * tile + k)] =
            weights[place] - static_cast<double>(steps[place]) * scales[place];
      }
    }
  }
}

double ck_descend_f64(const double *matrix, int64_t width, const double *weights,
                      const float *scales, const float *lower, const float *upper, float *steps) {
  Descent descent = {matrix, width, scales, lower, upper, steps,
                     std::vector<double>(static_cast<size_t>(width))};
  for (int64_t j = 0; j < width; ++j) {
    const double error = weights[j] - static_cast<double>(steps[j]) * scales[j];
    if (error != 0) add_scaled(error, matrix + j * width, descent.gradient.data(), width);
  }
  for (int64_t j = 0; j < width; ++j)
    descent.error += (weights[j] - static_cast<double>(steps[j]) * scales[j]) *
                     descent.gradient[static_cast<size_t>(j)];
  const double tolerance = 1e-9 * std::fabs(descent.error);
  std::vector<Descent::Move> moves;
  for (int64_t left = pair_limit; left >= 0; --left) {
    for (int64_t sweep = 0; sweep < sweep_limit && descent.sweep(tolerance); ++sweep) {
    }
    if (left == 0 || !descent.change_pair(tolerance, moves)) break;
  }
  return descent.error;
}
