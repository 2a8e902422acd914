#include <algorithm>
#include <vector>

#include "CKernels.h"
#include "FixedPointFunctions.h"
#include "RecurrentVectors.h"
#include "SixteenBitFunctions.h"

namespace ckernels {
namespace {

/// Sums of 8-bit products, rescaled and added to what is there, limited to the element type.
template <typename Element>
void accumulate(const ck_scaled_weights &weights, const int32_t *bias, int32_t zero_point,
                const std::vector<int16_t> &vector, std::vector<int32_t> &scratch, int32_t rows,
                Element *sums) {
  const int32_t count = static_cast<int32_t>(vector.size());
  scratch.resize(static_cast<size_t>(rows));
  integer_products(weights.weights, rows, vector.data(), count, scratch.data());
  for (int32_t row = 0; row < rows; ++row) {
    const int32_t sum =
        wrapping_add(scratch[static_cast<size_t>(row)], bias == nullptr ? 0 : bias[row]);
    const int32_t rescaled = requantize(sum, weights.multiplier, weights.shift);
    sums[row] = static_cast<Element>(
        limited_to<Element>(wrapping_add(wrapping_add(rescaled, zero_point), sums[row])));
  }
}

/// Brings 16-bit values to mean 0 and variance 1 with 10 more bits, and multiplies them by the
/// weights.
void normalize(const ck_integer_lstm_gate &gate, int16_t *values, int32_t count) {
  int64_t sum = 0, squares = 0;
  for (int32_t i = 0; i < count; ++i) {
    sum += values[i];
    squares += values[i] * values[i];
  }
  const int32_t mean = static_cast<int32_t>(sum * 1024 / count);
  const int64_t scaled_variance = squares * ((1 << 20) / count) - int64_t{mean} * mean;
  const int32_t variance = static_cast<int32_t>(scaled_variance / (1 << 20));
  const Factor factor = inverse_square_root(variance < 1 ? gate.least_variance : variance);
  for (int32_t i = 0; i < count; ++i) {
    const int32_t normal = requantize(1024 * values[i] - mean, factor.multiplier, factor.shift);
    const int64_t product =
        wrapping_add(wrapping_multiply(normal, gate.normalization[i]), gate.bias[i]);
    const int32_t rounded =
        static_cast<int32_t>((product > 0 ? product + 512 : product - 512) / 1024);
    values[i] = static_cast<int16_t>(limited_to<int16_t>(
        requantize(rounded, gate.normalization_multiplier, gate.normalization_shift + 12)));
  }
}

/// The nearest to `a · b / 2^exponent`.
int16_t scaled_product(int16_t a, int16_t b, int32_t exponent) {
  return static_cast<int16_t>(rounding_divide_by_power_of_two(a * b, exponent));
}

/// One step of some batches at once.
class IntegerCell {
 public:
  IntegerCell(const ck_integer_lstm_layer &layer, int32_t batches)
      : layer(layer),
        batches(batches),
        exponent(limited(layer.cell_exponent, -15, -9)),
        input(static_cast<size_t>(layer.inputs)),
        recurrent(static_cast<size_t>(layer.outputs)),
        hidden(static_cast<size_t>(layer.cells)),
        input_gate(static_cast<size_t>(batches) * static_cast<size_t>(layer.cells)),
        forget_gate(input_gate.size()),
        cell_gate(input_gate.size()),
        output_gate(input_gate.size()) {}

  void step(const int8_t *x, int8_t *output_state, int16_t *cell_state) {
    sum(layer.forget_gate, x, output_state, cell_state, forget_gate);
    apply_logistic(forget_gate);
    compute_input_gate(x, output_state, cell_state);
    sum(layer.cell_gate, x, output_state, cell_state, cell_gate);
    for (int16_t &value : cell_gate) value = sixteen_bit_tanh(value, 3);
    update(cell_state);
    // Its peephole sees the new state.
    sum(layer.output_gate, x, output_state, cell_state, output_gate);
    apply_logistic(output_gate);
    compute_output(cell_state, output_state);
  }

 private:
  void sum(const ck_integer_lstm_gate &gate, const int8_t *x, const int8_t *output_state,
           const int16_t *cell_state, std::vector<int16_t> &sums) {
    std::fill(sums.begin(), sums.end(), int16_t{0});
    const int32_t *bias = gate.normalization == nullptr ? gate.bias : nullptr;
    for (int32_t batch = 0; batch < batches; ++batch) {
      int16_t *batch_sums = sums.data() + int64_t{batch} * layer.cells;
      center(x + int64_t{batch} * layer.inputs, layer.input_zero_point, input);
      accumulate(gate.input, bias, 0, input, scratch, layer.cells, batch_sums);
      center(output_state + int64_t{batch} * layer.outputs, layer.output_zero_point, recurrent);
      accumulate(gate.recurrent, nullptr, 0, recurrent, scratch, layer.cells, batch_sums);
    }
    if (gate.peephole != nullptr) add_peephole(gate, cell_state, sums);
    if (gate.normalization == nullptr) return;
    for (int32_t batch = 0; batch < batches; ++batch)
      normalize(gate, sums.data() + int64_t{batch} * layer.cells, layer.cells);
  }

  void add_peephole(const ck_integer_lstm_gate &gate, const int16_t *cell_state,
                    std::vector<int16_t> &sums) {
    const size_t reached = static_cast<size_t>(batches) * static_cast<size_t>(layer.outputs);
    for (size_t i = 0; i < std::min(reached, sums.size()); ++i) {
      const size_t cell = i % static_cast<size_t>(layer.outputs);
      if (cell >= static_cast<size_t>(layer.cells)) continue;
      const int32_t product = requantize(gate.peephole[cell] * cell_state[i],
                                         gate.peephole_multiplier, gate.peephole_shift);
      sums[i] = static_cast<int16_t>(limited_to<int16_t>(wrapping_add(product, sums[i])));
    }
  }

  void compute_input_gate(const int8_t *x, const int8_t *output_state, const int16_t *cell_state) {
    if (layer.input_gate.input.weights == nullptr) {
      std::transform(forget_gate.begin(), forget_gate.end(), input_gate.begin(),
                     [](int16_t value) { return static_cast<int16_t>(INT16_MAX - value); });
      return;
    }
    sum(layer.input_gate, x, output_state, cell_state, input_gate);
    apply_logistic(input_gate);
  }

  void update(int16_t *cell_state) {
    const int32_t bound = limited_to<int16_t>(layer.cell_clip);
    for (size_t i = 0; i < forget_gate.size(); ++i) {
      const int32_t sum = scaled_product(forget_gate[i], cell_state[i], 15) +
                          scaled_product(input_gate[i], cell_gate[i], 30 + exponent);
      const int32_t state = limited_to<int16_t>(sum);
      cell_state[i] = static_cast<int16_t>(bound > 0 ? limited(state, -bound, bound) : state);
    }
  }

  void compute_output(const int16_t *cell_state, int8_t *output_state) {
    const bool is_projected = layer.projection.weights != nullptr;
    for (int32_t batch = 0; batch < batches; ++batch) {
      const int64_t start = int64_t{batch} * layer.cells;
      const int32_t zero_point = eight_bit_zero_point(layer.hidden_zero_point);
      for (int32_t i = 0; i < layer.cells; ++i) {
        const int16_t activated = sixteen_bit_tanh(cell_state[start + i], 15 + exponent);
        const int32_t product =
            requantize(output_gate[static_cast<size_t>(start + i)] * activated,
                       layer.hidden_multiplier, layer.hidden_shift);
        // TFLite stores the projection's operand with the zero point's other sign.
        const int8_t stored =
            eight_bit_output(product, is_projected ? -zero_point : zero_point, -128, 127);
        if (is_projected)
          hidden[static_cast<size_t>(i)] = static_cast<int16_t>(stored + zero_point);
        else if (i < layer.outputs)
          output_state[int64_t{batch} * layer.outputs + i] = stored;
      }
      if (is_projected) project(output_state + int64_t{batch} * layer.outputs);
    }
  }

  void project(int8_t *output_state) {
    std::fill_n(output_state, layer.outputs, int8_t{0});
    accumulate(layer.projection, layer.projection_bias,
               eight_bit_zero_point(layer.output_zero_point), hidden, scratch, layer.outputs,
               output_state);
    const int32_t bound = limited_to<int8_t>(layer.projection_clip);
    if (bound <= 0) return;
    for (int32_t i = 0; i < layer.outputs; ++i)
      output_state[i] = static_cast<int8_t>(limited<int32_t>(output_state[i], -bound, bound));
  }

  static void apply_logistic(std::vector<int16_t> &values) {
    for (int16_t &value : values) value = sixteen_bit_logistic(value);
  }

  static void center(const int8_t *values, int32_t zero_point, std::vector<int16_t> &result) {
    const int32_t subtracted = eight_bit_zero_point(zero_point);
    std::transform(values, values + result.size(), result.begin(),
                   [=](int8_t value) { return static_cast<int16_t>(value - subtracted); });
  }

  const ck_integer_lstm_layer &layer;
  int32_t batches, exponent;
  std::vector<int16_t> input, recurrent, hidden;
  std::vector<int16_t> input_gate, forget_gate, cell_gate, output_gate;
  std::vector<int32_t> scratch;
};

}  // namespace
}  // namespace ckernels

using namespace ckernels;

void ck_lstm_i8(const ck_integer_lstm_layer *layer, ck_sequence sequence, const int8_t *input,
                int8_t *output_state, int16_t *cell_state, int8_t *output) {
  if (layer->cells < 1 || layer->outputs < 1 || layer->inputs < 1 || sequence.batches < 1) return;
  // Batches in a row go through the cell together.
  const int32_t together = sequence.is_time_major ? sequence.batches : 1;
  IntegerCell cell(*layer, together);
  for (int32_t batch = 0; batch < sequence.batches; batch += together) {
    for (int32_t step = 0; step < sequence.steps; ++step) {
      const int64_t row = row_of(sequence, batch, step);
      cell.step(input + row * layer->inputs, output_state, cell_state);
      for (int32_t i = 0; i < together; ++i)
        std::copy_n(output_state + int64_t{i} * layer->outputs, layer->outputs,
                    output + (row + i) * sequence.output_width);
    }
    output_state += layer->outputs;
    cell_state += layer->cells;
  }
}
