#pragma once

#include <cstddef>
#include <vector>

#include "CKernels.h"

/// Products of weights with vectors, and what is done with vectors, for recurrent layers in
/// float32.
namespace ckernels {

/// A vector that weights are multiplied with: as it is, and if there is need in 8 bits.
class RecurrentOperand {
 public:
  RecurrentOperand(int32_t count, int32_t quantizes_asymmetrically)
      : centered(static_cast<std::size_t>(count)),
        count(count),
        quantizes_asymmetrically(quantizes_asymmetrically != 0) {}

  /// Takes another vector, which must stay in place for the products.
  void set(const float *vector) {
    values = vector;
    is_quantized = false;
  }

  /// Adds the products with `rows` rows of weights, if there are any, to `sums`.
  void accumulate(const ck_recurrent_weights &weights, int32_t rows, float *sums);

 private:
  void quantize();
  void quantize_symmetrically();
  void quantize_with_zero_point();

  /// Steps of `scale`, the zero point subtracted.
  std::vector<int16_t> centered;
  int32_t count;
  bool quantizes_asymmetrically;
  const float *values = nullptr;
  bool is_quantized = false;
  float scale = 1;
};

/// `Σ (vector · row)` for each row of 8-bit weights, modulo 2³², from 16-bit activations that have
/// at most 9 bits.
void integer_products(const int8_t *weights, int32_t rows, const int16_t *vector, int32_t count,
                      int32_t *sums);

void activate(ck_recurrent_activation activation, float *values, int32_t count);

/// The place of a step's row among those of a sequence.
inline int64_t row_of(const ck_sequence &sequence, int32_t batch, int32_t step) {
  const int64_t time = sequence.is_reversed ? sequence.steps - 1 - step : step;
  return sequence.is_time_major ? time * sequence.batches + batch
                                : int64_t{batch} * sequence.steps + time;
}

}  // namespace ckernels
