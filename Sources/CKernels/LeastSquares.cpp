#include <algorithm>
#include <cmath>
#include <vector>

#include "CKernels.h"
#include "Multiversion.h"
#include "PackedColumns.h"

// Each instruction set gives the same bits: products are rounded, or fused, where it is written.
#pragma clang fp contract(off)

using namespace ckernels;

namespace {

/// Rows of a triangle that are found one by one, when all that others add to them is known.
constexpr int64_t panel = 32;
/// Changes of two weights for an output channel: each takes a search, and wins less than those
/// before.
constexpr int64_t pair_limit = 16;
/// Goes over all weights between changes of two.
constexpr int64_t sweep_limit = 32;

/// `y[i] += factor · x[i]`.
template <typename Number>
void add_scaled(Number factor, const float *x, Number *y, int64_t count) {
  vectorized(CKERNELS_LOOP {
    for (int64_t i = 0; i < count; ++i)
      y[i] = __builtin_elementwise_fma(factor, static_cast<Number>(x[i]), y[i]);
  });
}

/// Lets a row of a triangle take its numbers from the sums that are left of a matrix.
bool finish_row(float *line, int64_t row, int64_t width) {
  if (!(line[row] > 0) || !std::isfinite(line[row])) return false;
  const float inverse = 1 / std::sqrt(line[row]);
  vectorized(CKERNELS_LOOP {
    for (int64_t k = row; k < width; ++k) line[k] *= inverse;
  });
  return true;
}

/// Columns of a matrix, side by side, that a triangle is solved for.
struct Columns {
  std::vector<float> numbers;
  int64_t width, count;

  Columns(const float *matrix, int64_t width, int64_t stride, int64_t first, int64_t count)
      : numbers(packed_columns(matrix, width, stride, first, first + count)),
        width(width), count(count) {}

  float *row(int64_t j) { return numbers.data() + j * tile_columns; }

  /// `row[i] −= Σ a[i][k] · row[k]` for the rows of a panel and others.
  void subtract(const Lines &a, int64_t begin, int64_t end, int64_t first, int64_t depth) {
    add_products(a, end - begin, row(first), depth, -1, row(begin), tile_columns, tile_columns);
  }

  void divide(int64_t j, float divisor) {
    for (int64_t k = 0; k < tile_columns; ++k) row(j)[k] /= divisor;
  }

  /// Solves `Uᵀ · x = y` in place.
  void solve_forward(const float *triangle) {
    for (int64_t first = 0; first < width; first += panel) {
      const int64_t last = std::min(first + panel, width);
      subtract({triangle + first, 1, width}, first, last, 0, first);
      for (int64_t j = first; j < last; ++j) {
        divide(j, triangle[j * width + j]);
        for (int64_t k = j + 1; k < last; ++k)
          add_scaled(-triangle[j * width + k], row(j), row(k), tile_columns);
      }
    }
  }

  /// Solves `U · x = y` in place.
  void solve_backward(const float *triangle) {
    for (int64_t first = (width - 1) / panel * panel; first >= 0; first -= panel) {
      const int64_t last = std::min(first + panel, width);
      subtract({triangle + first * width + last, width, 1}, first, last, last, width - last);
      for (int64_t j = last - 1; j >= first; --j) {
        for (int64_t k = j + 1; k < last; ++k)
          add_scaled(-triangle[j * width + k], row(k), row(j), tile_columns);
        divide(j, triangle[j * width + j]);
      }
    }
  }
};

/// Weights of some output channels, side by side, and what is stored of them.
struct Rounding {
  const float *weights, *scales, *lower, *upper;
  float *steps;
  int64_t stride, count;
  /// `w − ŵ`, [width][tile_columns].
  std::vector<float> errors;

  /// Rounds a weight of each, to which `wanted` is added.
  void round(int64_t j, const float *wanted, float divisor) {
    const float *const w = weights + j * stride, *const scale = scales + j * stride;
    const float *const least = lower + j * stride, *const largest = upper + j * stride;
    float *const step = steps + j * stride, *const error = errors.data() + j * tile_columns;
    const int64_t columns = count;
    vectorized(CKERNELS_LOOP {
      for (int64_t k = 0; k < columns; ++k) {
        const float nearest = __builtin_elementwise_rint((w[k] + wanted[k] / divisor) / scale[k]);
        step[k] = std::min(std::max(nearest, least[k]), largest[k]);
        error[k] = w[k] - step[k] * scale[k];
      }
    });
  }

  void round_all(const float *triangle, int64_t width) {
    for (int64_t first = (width - 1) / panel * panel; first >= 0; first -= panel) {
      const int64_t last = std::min(first + panel, width);
      float wanted[panel * tile_columns] = {};
      add_products({triangle + first * width + last, width, 1}, last - first,
                   errors.data() + last * tile_columns, width - last, 1, wanted, tile_columns,
                   tile_columns);
      for (int64_t j = last - 1; j >= first; --j) {
        const float *const row = triangle + j * width;
        float *const own = wanted + (j - first) * tile_columns;
        for (int64_t k = j + 1; k < last; ++k)
          add_scaled(row[k], errors.data() + k * tile_columns, own, tile_columns);
        round(j, own, row[j]);
      }
    }
  }
};

/// A weight at a time: what changing it by whole steps can win.
struct Descent {
  const float *matrix;
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
    const double move = static_cast<double>(scales[j]) * change;
    add_scaled(-move, matrix + j * width, gradient.data(), width);
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

void ck_transposed_product_f32(const float *a, const float *b, int64_t width, int64_t columns,
                               float *product, int64_t begin, int64_t end) {
  for (int64_t first = 0; first < columns; first += tile_columns) {
    const int64_t count = std::min(tile_columns, columns - first);
    const auto packed = packed_columns(b, width, columns, first, first + count);
    add_products({a + begin, 1, width}, end - begin, packed.data(), width, 1,
                 product + begin * columns + first, columns, count);
  }
}

int32_t ck_cholesky_f32(float *matrix, int64_t width) {
  for (int64_t first = 0; first < width; first += panel) {
    const int64_t last = std::min(first + panel, width);
    const auto above = packed_columns(matrix, first, width, first, width);
    for (int64_t column = first; column < width; column += tile_columns)
      add_products({matrix + first, 1, width}, last - first,
                   above.data() + (column - first) * first, first, -1,
                   matrix + first * width + column, width, std::min(tile_columns, width - column));
    for (int64_t row = first; row < last; ++row) {
      float *const line = matrix + row * width;
      if (!finish_row(line, row, width)) return 0;
      for (int64_t k = row + 1; k < last; ++k)
        add_scaled(-line[k], line + k, matrix + k * width + k, width - k);
    }
  }
  return 1;
}

void ck_solve_cholesky_f32(const float *triangle, int64_t width, float *y, int64_t columns,
                           int64_t begin, int64_t end) {
  for (int64_t first = begin; first < end; first += tile_columns) {
    Columns own(y, width, columns, first, std::min(tile_columns, end - first));
    own.solve_forward(triangle);
    own.solve_backward(triangle);
    for (int64_t j = 0; j < width; ++j)
      std::copy_n(own.row(j), own.count, y + j * columns + first);
  }
}

void ck_round_triangular_f32(const float *triangle, int64_t width, const float *weights,
                             const float *scales, const float *lower, const float *upper,
                             float *steps, int64_t columns, int64_t begin, int64_t end) {
  for (int64_t first = begin; first < end; first += tile_columns) {
    Rounding own = {weights + first, scales + first, lower + first, upper + first, steps + first,
                    columns, std::min(tile_columns, end - first),
                    std::vector<float>(static_cast<size_t>(width * tile_columns))};
    own.round_all(triangle, width);
  }
}

double ck_descend_f32(const float *matrix, int64_t width, const float *weights,
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
