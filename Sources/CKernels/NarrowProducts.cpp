#include <initializer_list>

#include "CKernels.h"
#include "Multiversion.h"

#pragma STDC FP_CONTRACT OFF

using namespace ckernels;

namespace {

constexpr int64_t lane_count = 8;

/// How the sums of the lanes are added: of rows that are computed four at once, of two, and of one.
float total_of_four(const float *lanes) {
  return (((lanes[0] + lanes[1]) + lanes[2]) + lanes[3]) +
         (((lanes[4] + lanes[5]) + lanes[6]) + lanes[7]);
}

float total_of_two(const float *lanes) {
  return ((lanes[0] + lanes[2]) + (lanes[4] + lanes[6])) +
         ((lanes[1] + lanes[3]) + (lanes[5] + lanes[7]));
}

float total_of_one(const float *lanes) {
  return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) +
         ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

float sum_in_eights(const float *row, int64_t depth, const float *vector,
                    float (*total)(const float *)) {
  float lanes[lane_count] = {};
  float *sums = lanes;
  vectorized(CKERNELS_LOOP {
    int64_t first = 0;
    for (; first + lane_count <= depth; first += lane_count)
      for (int64_t lane = 0; lane < lane_count; ++lane)
        sums[lane] += row[first + lane] * vector[first + lane];
    for (int64_t i = first; i < depth; ++i) sums[i - first] += row[i] * vector[i];
  });
  return total(lanes);
}

/// `sum = (Σ vector[i] · row i) + sum` of `count` rows; the first ones are written to `sum`.
void add_rows(const float *rows, int64_t columns, const float *vector, int64_t count,
              bool is_first, float *sum) {
  vectorized(CKERNELS_LOOP {
    for (int64_t column = 0; column < columns; ++column) {
      const float *elements = rows + column;
      float part = vector[0] * elements[0];
      for (int64_t i = 1; i < count; ++i) part += vector[i] * elements[i * columns];
      sum[column] = is_first ? part : part + sum[column];
    }
  });
}

/// A row `vector` times a matrix [depth][columns].
void multiply_row(const float *vector, const float *matrix, int64_t depth, int64_t columns,
                  float *output) {
  int64_t done = 0;
  for (const int64_t size : {4, 2, 1})
    for (; done + size <= depth; done += size)
      add_rows(matrix + done * columns, columns, vector + done, size, done == 0, output);
}

}  // namespace

void ck_products_in_eights_f32(const float *rows, int64_t count, int64_t depth,
                               const float *vector, float *output) {
  const int64_t fours = count / 4 * 4, pairs = count / 2 * 2;
  for (int64_t i = 0; i < count; ++i) {
    const auto total = i < fours ? total_of_four : i < pairs ? total_of_two : total_of_one;
    output[i] = sum_in_eights(rows + i * depth, depth, vector, total);
  }
}

int32_t ck_narrow_product_f32(const float *a, const float *b, ck_matrix_product product,
                              float *output) {
  if (product.rows < 1 || product.depth < 1 || product.columns < 1) return 0;
  if (product.rows == 1 && !product.a_is_transposed) {
    if (product.b_is_transposed)
      ck_products_in_eights_f32(b, product.columns, product.depth, a, output);
    else
      multiply_row(a, b, product.depth, product.columns, output);
    return 1;
  }
  if (product.columns != 1 || product.b_is_transposed) return 0;
  if (product.a_is_transposed)
    multiply_row(b, a, product.depth, product.rows, output);
  else
    ck_products_in_eights_f32(a, product.rows, product.depth, b, output);
  return 1;
}
