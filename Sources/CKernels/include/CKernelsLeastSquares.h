#ifndef CKERNELS_LEAST_SQUARES_H
#define CKERNELS_LEAST_SQUARES_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// MARK: Least squares, for weights that are fitted to their inputs
//
// Matrices are dense and row major. Where a call has a range, calls with disjoint ranges may run at
// once, and what they give together does not depend on how the whole is divided.

/// `sums[i][j] += Σ a[row][i] · b[row][j]` for `begin ≤ i < end`, of matrices [rows][width]; where a is
/// b, what stands left of the diagonal may be left as it was.
///
/// The products of a call are added in the order of the rows before they are added to a sum.
void ck_gram_f32(const float *a, const float *b, int64_t rows, int64_t width, float *sums,
                 int64_t begin, int64_t end);

/// `sums[c][i][j] += Σ a[row][i][c] · b[row][j][c]` for the channels `begin ≤ c < end`, of matrices
/// [rows][taps][channels]; else as `ck_gram_f32`.
void ck_gram_channels_f32(const float *a, const float *b, int64_t rows, int64_t taps,
                          int64_t channels, float *sums, int64_t begin, int64_t end);

/// Makes of rows `real` and `quantized`, [rows][width], `(real − quantized) · root` and
/// `quantized · root` with a root for each row, and adds both, times the root, to sums of columns.
void ck_weigh_rows_f32(float *real, float *quantized, int64_t rows, int64_t width,
                       const float *roots, double *real_sums, double *sums);

/// The squares of numbers together.
double ck_energy_f32(const float *numbers, int64_t count);

/// `sums[row][i] += sign · Σ weights[row][k] · columns[places[k]][i]`, where columns is [any][count], sums
/// [rows][count], and a weight lies at `row · row_stride + k · column_stride`.
void ck_add_column_products_f32(const float *columns, int64_t count, const int64_t *places,
                                int64_t width, const float *weights, int64_t row_stride,
                                int64_t column_stride, int64_t rows, float sign, float *sums);

/// Writes [columns][rows] of a matrix [rows][columns].
void ck_transpose_f32(const float *matrix, int64_t rows, int64_t columns, float *result);

/// The number that has `count / 2` smaller or equal ones before it in order; others change places.
float ck_middle_f32(float *numbers, int64_t count);

/// Copies what stands right of a square matrix's diagonal to the places left of it.
void ck_mirror_f32(float *matrix, int64_t width);

/// `product[i][j] += Σ a[k][i] · b[k][j]` for `begin ≤ i < end`, where a is [width][width] and b
/// [width][columns].
void ck_transposed_product_f32(const float *a, const float *b, int64_t width, int64_t columns,
                               float *product, int64_t begin, int64_t end);

/// Makes of a symmetric matrix, of which only the upper half is read, the upper triangle U with
/// `UᵀU` equal to it; what is left below it means nothing.
///
/// Returns 0 if the matrix is not positive definite, or not finite.
int32_t ck_cholesky_f32(float *matrix, int64_t width);

/// Solves `UᵀU · x = y` in place for the columns `begin ..< end` of y, which is [width][columns].
void ck_solve_cholesky_f32(const float *triangle, int64_t width, float *y, int64_t columns,
                           int64_t begin, int64_t end);

/// Rounds the columns `begin ..< end` of weights [width][columns] to multiples of scales, one weight
/// after the other from the last row to the first, each with what the rounding of those before it
/// asks for to keep `‖U · (w − ŵ)‖²` small.
///
/// - scales: one for each weight, [width][columns].
/// - lower, upper: the least and the largest multiple, one for each weight.
/// - steps: the multiples that are found, [width][columns].
void ck_round_triangular_f32(const float *triangle, int64_t width, const float *weights,
                             const float *scales, const float *lower, const float *upper,
                             float *steps, int64_t columns, int64_t begin, int64_t end);

/// Lowers `eᵀ · matrix · e` with `e = weights − steps · scales` for one output channel: changes the
/// steps by whole numbers, one at a time until no such change lowers it, and then two of the most
/// useful at a time, up to 16 times.
///
/// - matrix: symmetric, [width][width].
/// - lower, upper: the least and the largest number of steps, one for each weight.
///
/// Returns `eᵀ · matrix · e` at the end.
double ck_descend_f32(const float *matrix, int64_t width, const float *weights,
                      const float *scales, const float *lower, const float *upper, float *steps);

#ifdef __cplusplus
}
#endif

#endif
