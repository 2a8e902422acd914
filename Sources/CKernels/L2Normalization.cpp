#include <algorithm>
#include <cmath>

#include "CKernels.h"
#include "FixedPointFunctions.h"

#pragma STDC FP_CONTRACT OFF

using namespace ckernels;

template <typename Element, typename Rescale>
static void normalize(const Element *input, int64_t rows, int32_t depth, int32_t zero_point,
                      const Rescale &rescale, Element *output) {
  for (int64_t row = 0; row < rows; ++row, input += depth, output += depth) {
    int32_t sum = 0;
    for (int32_t i = 0; i < depth; ++i) {
      const int32_t value = input[i] - zero_point;
      sum = wrapping_add(sum, value * value);
    }
    const Factor factor = inverse_square_root(sum);
    for (int32_t i = 0; i < depth; ++i)
      output[i] = static_cast<Element>(rescale(input[i] - zero_point, factor));
  }
}

void ck_l2_normalize_i8(const int8_t *input, int64_t rows, int32_t depth, int32_t input_zero_point,
                        int8_t *output) {
  normalize(
      input, rows, depth, static_cast<int8_t>(input_zero_point),
      [](int32_t value, Factor factor) {
        return limited(requantize(value, factor.multiplier, factor.shift + 7), -128, 127);
      },
      output);
}

void ck_l2_normalize_u8(const uint8_t *input, int64_t rows, int32_t depth, int32_t input_zero_point,
                        uint8_t *output) {
  normalize(
      input, rows, depth, static_cast<uint8_t>(input_zero_point),
      [](int32_t value, Factor factor) {
        return limited(128 + requantize(128 * value, factor.multiplier, factor.shift), 0, 255);
      },
      output);
}

void ck_l2_normalize_f32(const float *input, int64_t rows, int32_t depth, float *output) {
  for (int64_t row = 0; row < rows; ++row, input += depth, output += depth) {
    float sum = 0;
    for (int32_t i = 0; i < depth; ++i) sum += input[i] * input[i];
    const float norm = std::max(std::sqrt(sum), 1e-6f);
    for (int32_t i = 0; i < depth; ++i) output[i] = input[i] / norm;
  }
}
