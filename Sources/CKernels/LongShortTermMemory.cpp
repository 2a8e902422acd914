#include <algorithm>
#include <cmath>
#include <vector>

#include "CKernels.h"
#include "FixedPoint.h"
#include "RecurrentVectors.h"

#pragma STDC FP_CONTRACT OFF

namespace ckernels {
namespace {

/// To mean 0 and variance 1; sums are taken term by term.
void normalize(float *values, int32_t count) {
  float sum = 0, squares = 0;
  for (int32_t i = 0; i < count; ++i) sum += values[i];
  const float mean = sum / static_cast<float>(count);
  for (int32_t i = 0; i < count; ++i) squares += (values[i] - mean) * (values[i] - mean);
  const float inverse = 1 / std::sqrt(squares / static_cast<float>(count) + 1e-8f);
  for (int32_t i = 0; i < count; ++i) values[i] = (values[i] - mean) * inverse;
}

void clip(float *values, int32_t count, float bound) {
  if (!(bound > 0)) return;
  for (int32_t i = 0; i < count; ++i) values[i] = limited(values[i], -bound, bound);
}

/// One step of one batch after the other.
class Cell {
 public:
  Cell(const ck_lstm_layer &layer, const ck_sequence &sequence)
      : layer(layer),
        sequence(sequence),
        is_coupled(layer.input_gate.input.values == nullptr &&
                   layer.input_gate.input.quantized == nullptr),
        input(layer.inputs, layer.quantizes_asymmetrically),
        auxiliary(layer.auxiliary_inputs, layer.quantizes_asymmetrically),
        recurrent(layer.outputs, layer.quantizes_asymmetrically),
        hidden(layer.cells, layer.quantizes_asymmetrically),
        input_gate(static_cast<size_t>(layer.cells)),
        forget_gate(static_cast<size_t>(layer.cells)),
        cell_gate(static_cast<size_t>(layer.cells)),
        output_gate(static_cast<size_t>(layer.cells)) {}

  /// Turns to another batch.
  void select(int32_t number) {
    batch = number;
    // TFLite multiplies all batches at once if they lie side by side.
    if (sequence.is_time_major) column = {batch, sequence.batches};
  }

  void step(const float *x, const float *auxiliary_x, float *output_state, float *cell_state) {
    input.set(x, column);
    auxiliary.set(auxiliary_x, column);
    recurrent.set(output_state, column);
    sum(layer.forget_gate, cell_state, forget_gate);
    apply_logistic(forget_gate.data(), layer.cells, span(forget_slot));
    compute_input_gate(cell_state);
    sum(layer.cell_gate, cell_state, cell_gate);
    activate(layer.activation, cell_gate.data(), layer.cells);
    update(cell_state);
    // Its peephole sees the new state.
    sum(layer.output_gate, cell_state, output_gate);
    apply_logistic(output_gate.data(), layer.cells, span(output_slot));
    compute_output(cell_state, output_state);
  }

 private:
  /// The order in which TFLite keeps the gates of all batches; without the input gate, the others
  /// move up.
  enum Slot : int32_t { input_slot, cell_slot, forget_slot, output_slot };

  /// Where TFLite has the gate of this batch.
  VectorizedSpan span(Slot slot) const {
    const int64_t cells = layer.cells, batches = sequence.batches;
    const int64_t gate = (slot - (is_coupled ? 1 : 0)) * batches * cells;
    const int64_t first = gate + batch * cells;
    if (sequence.is_time_major) return {gate, gate + batches * cells, first};
    return {first, first + cells, first};
  }

  void sum(const ck_lstm_gate &gate, const float *cell_state, std::vector<float> &sums) {
    const bool is_normalized = gate.normalization != nullptr;
    for (int32_t i = 0; i < layer.cells; ++i) at(sums, i) = is_normalized ? 0 : gate.bias[i];
    input.accumulate(gate.input, layer.cells, sums.data());
    auxiliary.accumulate(gate.auxiliary, layer.cells, sums.data());
    recurrent.accumulate(gate.recurrent, layer.cells, sums.data());
    add_peephole(gate.peephole, cell_state, sums);
    if (!is_normalized) return;
    normalize(sums.data(), layer.cells);
    for (int32_t i = 0; i < layer.cells; ++i)
      at(sums, i) = at(sums, i) * gate.normalization[i] + gate.bias[i];
  }

  void add_peephole(const ck_recurrent_weights &weights, const float *cell_state,
                    std::vector<float> &sums) {
    if (weights.values != nullptr)
      for (int32_t i = 0; i < layer.cells; ++i) at(sums, i) += weights.values[i] * cell_state[i];
    else if (weights.quantized != nullptr)
      for (int32_t i = 0; i < layer.cells; ++i)
        at(sums, i) += weights.scale * weights.quantized[i] * cell_state[i];
  }

  void compute_input_gate(const float *cell_state) {
    if (is_coupled) {
      for (int32_t i = 0; i < layer.cells; ++i) at(input_gate, i) = 1 - at(forget_gate, i);
      return;
    }
    sum(layer.input_gate, cell_state, input_gate);
    apply_logistic(input_gate.data(), layer.cells, span(input_slot));
  }

  void update(float *cell_state) {
    for (int32_t i = 0; i < layer.cells; ++i) {
      const float kept = at(forget_gate, i) * cell_state[i];
      cell_state[i] = kept + at(cell_gate, i) * at(input_gate, i);
    }
    clip(cell_state, layer.cells, layer.cell_clip);
  }

  void compute_output(const float *cell_state, float *output_state) {
    // The cell gate has done its work.
    std::vector<float> &result = cell_gate;
    std::copy_n(cell_state, layer.cells, result.begin());
    activate(layer.activation, result.data(), layer.cells);
    for (int32_t i = 0; i < layer.cells; ++i) at(result, i) *= at(output_gate, i);
    if (layer.projection.values == nullptr && layer.projection.quantized == nullptr) {
      std::copy_n(result.begin(), std::min(layer.cells, layer.outputs), output_state);
      return;
    }
    for (int32_t i = 0; i < layer.outputs; ++i)
      output_state[i] = layer.projection_bias == nullptr ? 0 : layer.projection_bias[i];
    hidden.set(result.data(), column);
    hidden.accumulate(layer.projection, layer.outputs, output_state);
    clip(output_state, layer.outputs, layer.projection_clip);
  }

  static float &at(std::vector<float> &values, int32_t index) {
    return values[static_cast<size_t>(index)];
  }

  const ck_lstm_layer &layer;
  const ck_sequence &sequence;
  const bool is_coupled;
  int32_t batch = 0;
  ProductColumn column = {0, 1};
  RecurrentOperand input, auxiliary, recurrent, hidden;
  std::vector<float> input_gate, forget_gate, cell_gate, output_gate;
};

}  // namespace
}  // namespace ckernels

using namespace ckernels;

void ck_lstm_f32(const ck_lstm_layer *layer, ck_sequence sequence, const float *input,
                 const float *auxiliary, float *output_state, float *cell_state, float *output) {
  if (layer->cells < 1 || layer->outputs < 1 || layer->inputs < 1) return;
  Cell cell(*layer, sequence);
  for (int32_t batch = 0; batch < sequence.batches; ++batch) {
    cell.select(batch);
    for (int32_t step = 0; step < sequence.steps; ++step) {
      const int64_t row = row_of(sequence, batch, step);
      cell.step(input + row * layer->inputs,
                auxiliary == nullptr ? nullptr : auxiliary + row * layer->auxiliary_inputs,
                output_state, cell_state);
      std::copy_n(output_state, layer->outputs, output + row * sequence.output_width);
    }
    output_state += layer->outputs;
    cell_state += layer->cells;
  }
}
