#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "CKernels.h"
#include "RowProducts.h"

/// Products of weights with vectors, and what is done with vectors, for recurrent layers in
/// float32.
namespace ckernels {

/// Partial sums of a float sum.
constexpr int32_t float_lanes = 4;

/// The sum of `term(i)` in TFLite's order: every fourth term in one lane, then lane after lane, then
/// the terms that fill no lanes.
template <typename Term>
float sum_in_lanes(int32_t count, const Term &term) {
  float lanes[float_lanes] = {}, sum = 0;
  const int32_t whole = count / float_lanes * float_lanes;
  for (int32_t i = 0; i < whole; ++i) lanes[i % float_lanes] += term(i);
  for (const float lane : lanes) sum += lane;
  for (int32_t i = whole; i < count; ++i) sum += term(i);
  return sum;
}

/// A vector that weights are multiplied with: as it is, and if there is need in 8 bits.
class RecurrentOperand {
 public:
  RecurrentOperand(int32_t count, int32_t quantizes_asymmetrically)
      : bytes(static_cast<std::size_t>(count)),
        centered(static_cast<std::size_t>(count)),
        count(count),
        quantizes_asymmetrically(quantizes_asymmetrically != 0) {}

  /// Takes another vector, which must stay in place for the products; those of floats are then in
  /// the order for that column, or in TFLite's own.
  void set(const float *vector, ProductColumn among = {0, 0}) {
    values = vector;
    column = among;
    is_quantized = false;
  }

  /// Adds the products with `rows` rows of weights, if there are any, to `sums`. Weights must stay
  /// in place, too.
  void accumulate(const ck_recurrent_weights &weights, int32_t rows, float *sums);

 private:
  void accumulate_floats(const float *weights, int32_t rows, float *sums);
  void quantize();
  void quantize(float factor, int32_t zero_point, int32_t least);
  void quantize_symmetrically();
  void quantize_with_zero_point();

  std::vector<int8_t> bytes;
  /// Steps of `scale`, the zero point subtracted.
  std::vector<int16_t> centered;
  int32_t count;
  bool quantizes_asymmetrically;
  const float *values = nullptr;
  /// Those of floats that were multiplied with columns, by their address.
  std::map<const float *, RowMatrix> matrices;
  /// Of no columns if TFLite multiplies by itself.
  ProductColumn column = {0, 0};
  bool is_quantized = false;
  float scale = 1;
};

/// `Σ (vector · row)` for each row of 8-bit weights, modulo 2³², from 16-bit activations that have
/// at most 9 bits.
void integer_products(const int8_t *weights, int32_t rows, const int16_t *vector, int32_t count,
                      int32_t *sums);

/// The floats from `begin` to `end` that TFLite applies a function to at once, of which `first` is
/// the first that is meant; counted from an address that vectors can start at.
struct VectorizedSpan {
  int64_t begin, end, first;
};

/// Applies `1 / (1 + e⁻ˣ)`, by a polynomial in the whole vectors of the span, and by the system's
/// exponential before and behind them, as TFLite does.
void apply_logistic(float *values, int32_t count, const VectorizedSpan &span);

void activate(ck_recurrent_activation activation, float *values, int32_t count);

/// The place of a step's row among those of a sequence.
inline int64_t row_of(const ck_sequence &sequence, int32_t batch, int32_t step) {
  const int64_t time = sequence.is_reversed ? sequence.steps - 1 - step : step;
  return sequence.is_time_major ? time * sequence.batches + batch
                                : int64_t{batch} * sequence.steps + time;
}

}  // namespace ckernels
