#include <algorithm>
#include <cmath>

#include "CKernels.h"
#include "FixedPointFunctions.h"

#pragma STDC FP_CONTRACT OFF

using namespace ckernels;

void ck_l2_normalize_i8(const int8_t *input, int64_t rows, int32_t depth, int32_t input_zero_point,
                        int8_t *output) {
  const int32_t zero_point = eight_bit_zero_point(input_zero_point);
  for (int64_t row = 0; row < rows; ++row, input += depth, output += depth) {
    int32_t sum = 0;
    for (int32_t i = 0; i < depth; ++i) {
      const int32_t value = input[i] - zero_point;
      sum = wrapping_add(sum, value * value);
    }
    const Factor factor = inverse_square_root(sum);
    for (int32_t i = 0; i < depth; ++i)
      output[i] = static_cast<int8_t>(limited(
          requantize(input[i] - zero_point, factor.multiplier, factor.shift + 7), -128, 127));
  }
}

void ck_l2_normalize_f32(const float *input, int64_t rows, int32_t depth, float *output) {
  for (int64_t row = 0; row < rows; ++row, input += depth, output += depth) {
    float sum = 0;
    for (int32_t i = 0; i < depth; ++i) sum += input[i] * input[i];
    const float norm = std::max(std::sqrt(sum), 1e-6f);
    for (int32_t i = 0; i < depth; ++i) output[i] = input[i] / norm;
  }
}
