#include <algorithm>

#include "CKernels.h"
#include "RecurrentVectors.h"

using namespace ckernels;

void ck_rnn_f32(const ck_rnn_layer *layer, ck_sequence sequence, const float *input,
                const float *auxiliary, float *state, float *output) {
  if (layer->units < 1 || layer->inputs < 1) return;
  RecurrentOperand x(layer->inputs, layer->quantizes_asymmetrically);
  RecurrentOperand auxiliary_x(layer->auxiliary_inputs, layer->quantizes_asymmetrically);
  RecurrentOperand recurrent_x(layer->units, layer->quantizes_asymmetrically);
  for (int32_t batch = 0; batch < sequence.batches; ++batch, state += layer->units)
    for (int32_t step = 0; step < sequence.steps; ++step) {
      const int64_t row = row_of(sequence, batch, step);
      float *result = output + row * sequence.output_width;
      std::copy_n(layer->bias, layer->units, result);
      x.set(input + row * layer->inputs);
      x.accumulate(layer->input, layer->units, result);
      if (auxiliary != nullptr) {
        auxiliary_x.set(auxiliary + row * layer->auxiliary_inputs);
        auxiliary_x.accumulate(layer->auxiliary, layer->units, result);
      }
      recurrent_x.set(state);
      recurrent_x.accumulate(layer->recurrent, layer->units, result);
      activate(layer->activation, result, layer->units);
      std::copy_n(result, layer->units, state);
    }
}
