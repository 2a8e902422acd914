#ifndef CKERNELS_MATRIX_PRODUCT_H
#define CKERNELS_MATRIX_PRODUCT_H

#include <stdint.h>

#include "CKernelsTypes.h"

#ifdef __cplusplus
extern "C" {
#endif

// MARK: Products of two activations

/// The extents of an output [rows][columns], and of the operands a [rows][depth] and
/// b [depth][columns].
typedef struct {
  int32_t rows, depth, columns;
  /// Not 0 where a is [depth][rows] (adj_x), and where b is [columns][depth] (adj_y).
  int32_t a_is_transposed, b_is_transposed;
} ck_matrix_product;

/// `output = requantize(Σ (a − a_zero_point) · (b − b_zero_point))`, for one matrix of a
/// BATCH_MATMUL; parameters are one per column.
///
/// TFLite's reference rounds as `ck_rounding_fixed_point`, all multipliers standing for
/// `a scale · b scale / output scale`, the product in float32, the quotient in float64.
void ck_matrix_product_i8(const int8_t *a, int32_t a_zero_point, const int8_t *b,
                          int32_t b_zero_point, ck_matrix_product product,
                          const ck_requantization *requantization, int8_t *output);

/// `output = Σ a · b` modulo 2³², of the numbers as they are stored.
void ck_matrix_product_i8_i32(const int8_t *a, const int8_t *b, ck_matrix_product product,
                              int32_t *output);

/// `output = ck_requantize_i64(Σ a · b, multiplier, shift)` limited to 16 bits, of operands without
/// zero points, summed in 64 bits.
///
/// In TFLite the multiplier stands for what it does in `ck_matrix_product_i8`.
void ck_matrix_product_i16(const int16_t *a, const int16_t *b, ck_matrix_product product,
                           int32_t multiplier, int32_t shift, int16_t *output);

/// `output = Σ a · b`, summed from 0 in the order of depth; as of `ck_pack_conv2d_f32`, every
/// `block_depth` products by themselves.
void ck_matrix_product_f32(const float *a, const float *b, ck_matrix_product product,
                           ck_products products, int32_t block_depth, float *output);

// MARK: Products of a single row or column

/// `output[i] = Σ rows[i] · vector`, of rounded products, dealt out to eight sums.
///
/// A matrix times one of a single column, in ONNX Runtime's order: how the eight are added up
/// depends on whether a row is among the whole fours, in a pair, or single.
void ck_products_in_eights_f32(const float *rows, int64_t count, int64_t depth,
                               const float *vector, float *output);

/// `ck_matrix_product_f32` for one row or column, in ONNX Runtime's order; returns 0, having done
/// nothing, where that is as for other extents.
///
/// A matrix times a column is summed in eights. Of a row times a matrix every four rounded products
/// are summed from first to last, and then added to the sum; what is left are a pair and a single
/// one.
int32_t ck_narrow_product_f32(const float *a, const float *b, ck_matrix_product product,
                              float *output);

#ifdef __cplusplus
}
#endif

#endif
