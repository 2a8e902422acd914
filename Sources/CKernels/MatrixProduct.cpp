#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "CKernels.h"

namespace {

/// A matrix [rows][columns] as [columns][rows].
template <typename Element>
std::vector<Element> transposed(const Element *matrix, int64_t rows, int64_t columns) {
  std::vector<Element> result(static_cast<size_t>(rows * columns));
  constexpr int64_t block = 32;
  for (int64_t first_row = 0; first_row < rows; first_row += block)
    for (int64_t column = 0; column < columns; ++column)
      for (int64_t row = first_row; row < std::min(first_row + block, rows); ++row)
        result[static_cast<size_t>(column * rows + row)] = matrix[row * columns + column];
  return result;
}

/// Runs `multiply(a, b)` with a as [rows][depth] and b as [columns][depth], the forms of
/// activations and weights of a fully connected layer.
template <typename Element, typename Multiply>
void with_operands(const Element *a, const Element *b, const ck_matrix_product &product,
                   const Multiply &multiply) {
  const std::vector<Element> a_copy =
      product.a_is_transposed ? transposed(a, product.depth, product.rows) : std::vector<Element>();
  const std::vector<Element> b_copy = product.b_is_transposed
                                          ? std::vector<Element>()
                                          : transposed(b, product.depth, product.columns);
  multiply(product.a_is_transposed ? a_copy.data() : a,
           product.b_is_transposed ? b : b_copy.data());
}

template <typename Element>
int64_t sum_of_products(const Element *a, const Element *b, int64_t count) {
  int64_t sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += int32_t{a[i]} * b[i];
  return sum;
}

bool is_empty(const ck_matrix_product &product) {
  return product.rows < 1 || product.depth < 1 || product.columns < 1;
}

constexpr ck_window pixelwise = {1, 1, 1, 1, 1, 1, 0, 0};

}  // namespace

void ck_matrix_product_i8(const int8_t *a, int32_t a_zero_point, const int8_t *b,
                          int32_t b_zero_point, ck_matrix_product product,
                          const ck_requantization *requantization, int8_t *output) {
  if (is_empty(product)) return;
  with_operands(a, b, product, [&](const int8_t *rows, const int8_t *columns) {
    ck_packed_weights *weights =
        ck_pack_conv2d_i8(columns, b_zero_point, product.columns, 1, 1, product.depth);
    if (weights == nullptr) std::abort();
    ck_conv2d_i8(rows, {product.rows, 1, 1, product.depth}, a_zero_point, weights, pixelwise,
                 requantization, output, {product.rows, 1, 1, product.columns}, 0, product.rows);
    ck_free_packed_weights(weights);
  });
}

void ck_matrix_product_f32(const float *a, const float *b, ck_matrix_product product,
                           ck_products products, int32_t block_depth, float *output) {
  if (is_empty(product)) return;
  with_operands(a, b, product, [&](const float *rows, const float *columns) {
    ck_packed_weights *weights =
        ck_pack_conv2d_f32(columns, product.columns, 1, 1, product.depth, block_depth);
    if (weights == nullptr) std::abort();
    ck_conv2d_f32(rows, {product.rows, 1, 1, product.depth}, weights, pixelwise, nullptr, -INFINITY,
                  INFINITY, output, {product.rows, 1, 1, product.columns}, 0, product.rows,
                  products);
    ck_free_packed_weights(weights);
  });
}

void ck_matrix_product_i8_i32(const int8_t *a, const int8_t *b, ck_matrix_product product,
                              int32_t *output) {
  if (is_empty(product)) return;
  with_operands(a, b, product, [&](const int8_t *rows, const int8_t *columns) {
    for (int64_t row = 0; row < product.rows; ++row)
      for (int64_t column = 0; column < product.columns; ++column)
        *output++ = static_cast<int32_t>(static_cast<uint32_t>(
            sum_of_products(rows + row * product.depth, columns + column * product.depth,
                            product.depth)));
  });
}

void ck_matrix_product_i16(const int16_t *a, const int16_t *b, ck_matrix_product product,
                           int32_t multiplier, int32_t shift, int16_t *output) {
  if (is_empty(product)) return;
  with_operands(a, b, product, [&](const int16_t *rows, const int16_t *columns) {
    for (int64_t row = 0; row < product.rows; ++row)
      for (int64_t column = 0; column < product.columns; ++column) {
        const int64_t sum = sum_of_products(rows + row * product.depth,
                                            columns + column * product.depth, product.depth);
        const int32_t scaled = ck_requantize_i64(sum, multiplier, shift);
        *output++ = static_cast<int16_t>(std::min(std::max(scaled, INT16_MIN), INT16_MAX));
      }
  });
}
