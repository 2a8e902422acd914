#include <algorithm>
#include <vector>

#include "CKernels.h"
#include "RecurrentVectors.h"
#include "RowProducts.h"
#include "SixteenBitFunctions.h"

#pragma STDC FP_CONTRACT OFF

namespace ckernels {
namespace {

bool is_empty(const ck_basic_lstm_shape &shape) {
  return shape.batches < 1 || shape.inputs < 1 || shape.cells < 1;
}

/// As `requantize`, but the second rounding takes halves up: what LiteRT's matrix products do on x86.
int16_t rescaled_halves_up(int32_t sum, int32_t multiplier, int32_t shift) {
  const int32_t right = shift < 0 ? -limited(shift, -31, 0) : 0;
  const int64_t product =
      rounding_doubling_high_multiply(wrapping_shift_left(sum, limited(shift, 0, 31)), multiplier);
  const int64_t half = right > 0 ? int64_t{1} << (right - 1) : 0;
  return static_cast<int16_t>(limited<int64_t>((product + half) >> right, INT16_MIN, INT16_MAX));
}

/// Updates the state of a batch's cells from its sums, those of one gate after another.
class FloatCells {
 public:
  explicit FloatCells(int32_t cells) : cells(cells), gates(static_cast<size_t>(4 * cells)) {}

  void update(int32_t batch, const float *sums, float *output_state, float *cell_state) {
    std::copy_n(sums, 4 * cells, gates.begin());
    float *input = gates.data(), *cell = input + cells, *forget = cell + cells;
    float *output = forget + cells;
    const int64_t first = int64_t{batch} * cells;
    for (float *gate : {input, forget, output})
      apply_logistic(gate, cells, {first, first + cells, first});
    activate(ck_recurrent_tanh, cell, cells);
    for (int32_t i = 0; i < cells; ++i) {
      const float update = input[i] * cell[i];
      cell_state[i] = update + forget[i] * cell_state[i];
    }
    // The cell gate has done its work.
    std::copy_n(cell_state, cells, cell);
    activate(ck_recurrent_tanh, cell, cells);
    for (int32_t i = 0; i < cells; ++i) output_state[i] = output[i] * cell[i];
  }

 private:
  const int32_t cells;
  std::vector<float> gates;
};

/// Input and last output in one row per batch.
template <typename Element>
void join(const ck_basic_lstm_shape &shape, const Element *input, const Element *output,
          Element *joined) {
  for (int32_t batch = 0; batch < shape.batches; ++batch) {
    joined = std::copy_n(input + int64_t{batch} * shape.inputs, shape.inputs, joined);
    joined = std::copy_n(output + int64_t{batch} * shape.cells, shape.cells, joined);
  }
}

}  // namespace
}  // namespace ckernels

using namespace ckernels;

void ck_basic_lstm_f32(ck_basic_lstm_shape shape, const float *input, const float *weights,
                       const float *bias, float *output_state, float *cell_state, float *joined,
                       float *sums) {
  if (is_empty(shape)) return;
  join(shape, input, output_state, joined);
  const int32_t depth = shape.inputs + shape.cells, cells = shape.cells;
  RowMatrix matrix(weights, 4 * cells, depth);
  FloatCells float_cells(cells);
  for (int32_t batch = 0; batch < shape.batches; ++batch) {
    std::copy_n(bias, 4 * cells, sums);
    matrix.add_products(joined, {batch, shape.batches}, sums);
    float_cells.update(batch, sums, output_state, cell_state);
    output_state += cells;
    cell_state += cells;
    joined += depth;
    sums += 4 * cells;
  }
}

void ck_basic_lstm_u8(ck_basic_lstm_shape shape, const uint8_t *input, const uint8_t *weights,
                      int32_t weight_zero_point, const int32_t *bias, int32_t multiplier,
                      int32_t shift, uint8_t *output_state, int16_t *cell_state, uint8_t *joined,
                      int16_t *sums) {
  if (is_empty(shape)) return;
  join(shape, input, output_state, joined);
  const int32_t depth = shape.inputs + shape.cells, cells = shape.cells;
  const int32_t zero_point = static_cast<uint8_t>(weight_zero_point);
  for (int32_t batch = 0; batch < shape.batches; ++batch) {
    for (int32_t row = 0; row < 4 * cells; ++row) {
      uint32_t sum = static_cast<uint32_t>(bias[row]);
      for (int32_t i = 0; i < depth; ++i)
        sum += static_cast<uint32_t>((joined[i] - 128) *
                                     (weights[int64_t{row} * depth + i] - zero_point));
      sums[row] = rescaled_halves_up(static_cast<int32_t>(sum), multiplier, shift);
    }
    for (int32_t i = 0; i < cells; ++i) {
      const int16_t update =
          rounded_product(sixteen_bit_logistic(sums[i]), sixteen_bit_tanh(sums[cells + i], 3));
      const int16_t kept =
          rounded_product(sixteen_bit_logistic(sums[2 * cells + i]), *cell_state);
      // From Q0.15 to the cells' Q4.11.
      const int32_t state = rounding_divide_by_power_of_two(update, 4) + kept;
      *cell_state = static_cast<int16_t>(limited_to<int16_t>(state));
      const int16_t output = rounded_product(sixteen_bit_logistic(sums[3 * cells + i]),
                                             sixteen_bit_tanh(*cell_state++, 4));
      *output_state++ = static_cast<uint8_t>(
          limited(rounding_divide_by_power_of_two(output, 8), -128, 127) + 128);
    }
    joined += depth;
    sums += 4 * cells;
  }
}
