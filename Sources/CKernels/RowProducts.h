#pragma once

#include <cstdint>
#include <vector>

/// Products of a float matrix with vectors, whose terms are added in an order that is part of the
/// result.
namespace ckernels {

/// One of the vectors that a matrix is multiplied with at once.
struct ProductColumn {
  int32_t index, count;
};

/// Adds the product of each row with a vector to `sums` in the order of TFLite's own kernels: every
/// fourth term in one partial sum, and then to what is there the four of them together, and each
/// term behind them.
void add_row_products(const float *weights, int32_t rows, const float *vector, int32_t count,
                      float *sums);

/// A matrix whose products are in the order of Eigen on vectors of four floats, which TFLite leaves
/// those of its LSTM layers to.
///
/// That order depends on the shape of the product, and on where in it the row and the column are.
/// Eigen divides rows of many hundred terms by the size of the processor's cache; this does not.
class RowMatrix {
 public:
  /// - weights: must stay in place.
  RowMatrix(const float *weights, int32_t rows, int32_t count)
      : weights(weights), rows(rows), count(count) {}

  /// Adds the product of each row with a column to `sums`.
  void add_products(const float *vector, ProductColumn column, float *sums);

 private:
  void add_one_by_one(int32_t end, const float *vector, float *sums);
  void pack();

  const float *weights;
  int32_t rows, count;
  /// Blocks of rows, [panel][column][row]; empty until they are needed.
  std::vector<float> panels;
};

}  // namespace ckernels
