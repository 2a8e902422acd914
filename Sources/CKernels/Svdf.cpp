#include <algorithm>
#include <vector>

#include "CKernels.h"
#include "FixedPoint.h"
#include "RecurrentVectors.h"

#pragma STDC FP_CONTRACT OFF

namespace ckernels {
namespace {

bool is_empty(const ck_svdf_shape &shape) {
  return shape.batches < 1 || shape.inputs < 1 || shape.filters < 1 || shape.rank < 1 ||
         shape.memory < 1;
}

/// Moves every filter's memory by one, and puts its newest value at the end.
template <typename Element>
void remember(const ck_svdf_shape &shape, const std::vector<Element> &newest, Element *state) {
  for (const Element value : newest) {
    std::copy(state + 1, state + shape.memory, state);
    state[shape.memory - 1] = value;
    state += shape.memory;
  }
}

float product_in_time(const ck_recurrent_weights &weights, int32_t filter, int32_t memory,
                      const float *state) {
  const int64_t start = int64_t{filter} * memory;
  float sum = 0;
  for (int32_t i = 0; i < memory; ++i) {
    const float weight = weights.values != nullptr
                             ? weights.values[start + i]
                             : static_cast<float>(weights.quantized[start + i]) * weights.scale;
    sum += weight * state[i];
  }
  return sum;
}

int32_t product_in_time(const int16_t *weights, int32_t filter, int32_t memory,
                        const int16_t *state) {
  const int16_t *row = weights + int64_t{filter} * memory;
  uint32_t sum = 0;
  for (int32_t i = 0; i < memory; ++i) sum += static_cast<uint32_t>(row[i] * state[i]);
  return static_cast<int32_t>(sum);
}

}  // namespace
}  // namespace ckernels

using namespace ckernels;

void ck_svdf_f32(ck_svdf_shape shape, const float *input, ck_recurrent_weights feature_weights,
                 ck_recurrent_weights time_weights, const float *bias,
                 ck_recurrent_activation activation, int32_t quantizes_asymmetrically, float *state,
                 float *output) {
  if (is_empty(shape)) return;
  const int32_t units = shape.filters / shape.rank;
  RecurrentOperand features(shape.inputs, quantizes_asymmetrically);
  std::vector<float> newest(static_cast<size_t>(shape.filters));
  for (int32_t batch = 0; batch < shape.batches; ++batch, input += shape.inputs, output += units) {
    std::fill(newest.begin(), newest.end(), 0.0f);
    features.set(input);
    features.accumulate(feature_weights, shape.filters, newest.data());
    remember(shape, newest, state);
    for (int32_t unit = 0; unit < units; ++unit) {
      float sum = 0;
      for (int32_t k = 0; k < shape.rank; ++k, state += shape.memory)
        sum += product_in_time(time_weights, unit * shape.rank + k, shape.memory, state);
      output[unit] = bias == nullptr ? sum : sum + bias[unit];
    }
    activate(activation, output, units);
  }
}

void ck_svdf_i8(ck_svdf_shape shape, const int8_t *input, ck_scaled_weights feature_weights,
                const int16_t *time_weights, const int32_t *bias, ck_svdf_scales scales,
                int16_t *state, int8_t *output) {
  if (is_empty(shape)) return;
  const int32_t units = shape.filters / shape.rank;
  const int32_t zero_point = eight_bit_zero_point(scales.input_zero_point);
  std::vector<int16_t> features(static_cast<size_t>(shape.inputs));
  std::vector<int32_t> sums(static_cast<size_t>(shape.filters));
  std::vector<int16_t> newest(sums.size());
  for (int32_t batch = 0; batch < shape.batches; ++batch, input += shape.inputs) {
    std::transform(input, input + shape.inputs, features.begin(),
                   [=](int8_t x) { return static_cast<int16_t>(x - zero_point); });
    integer_products(feature_weights.weights, shape.filters, features.data(), shape.inputs,
                     sums.data());
    std::transform(sums.begin(), sums.end(), newest.begin(), [=](int32_t sum) {
      return static_cast<int16_t>(
          limited_to<int16_t>(requantize(sum, feature_weights.multiplier, feature_weights.shift)));
    });
    remember(shape, newest, state);
    for (int32_t unit = 0; unit < units; ++unit) {
      int32_t sum = bias == nullptr ? 0 : bias[unit];
      for (int32_t k = 0; k < shape.rank; ++k, state += shape.memory)
        sum = wrapping_add(
            sum, product_in_time(time_weights, unit * shape.rank + k, shape.memory, state));
      *output++ = eight_bit_output(requantize(sum, scales.multiplier, scales.shift),
                                   eight_bit_zero_point(scales.output_zero_point), -128, 127);
    }
  }
}
