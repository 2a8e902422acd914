#include <algorithm>
#include <cmath>

#include "CKernels.h"
#include "FixedPointFunctions.h"

#pragma STDC FP_CONTRACT OFF

namespace ckernels {
namespace {

/// A factor `multiplier · 2^shift / 2³¹`, as for `requantize`.
struct Factor {
  int32_t multiplier, shift;
};

/// `1 / sqrt(x)` for x in 1/4 ..< 1, Q3.28, by five Newton-Raphson steps; the result has lost the
/// factor `sqrt(2)`.
int32_t inverse_root(int32_t x) {
  constexpr int32_t half_root_of_two = 1518500250, three_halves = 3 << 27;
  const int32_t half_x = rounding_divide_by_power_of_two(x, 1);
  int32_t root = 1 << 28;
  for (int32_t step = 0; step < 5; ++step) {
    // Products of Q3.28 are Q6.25 and, once more multiplied, Q9.22.
    const int32_t cube = saturating_shift_left(
        rounding_doubling_high_multiply(rounding_doubling_high_multiply(root, root), root), 6);
    root =
        saturating_shift_left(wrapping_subtract(rounding_doubling_high_multiply(three_halves, root),
                                                rounding_doubling_high_multiply(half_x, cube)),
                              3);
  }
  return rounding_doubling_high_multiply(root, half_root_of_two);
}

/// `1 / sqrt(sum)`; 0 counts as 1.
Factor inverse_norm(int32_t sum) {
  if (sum <= 1) return {INT32_MAX, 0};
  int32_t right = 11;
  for (; sum >= 1 << 29; ++right) sum /= 4;
  // By an even number of bits, to 2²⁷ ..< 2²⁹.
  const int32_t pairs = (__builtin_clz(static_cast<uint32_t>(sum)) - 1) / 2 - 1;
  right -= pairs;
  const int32_t root = inverse_root((sum << (2 * pairs)) >> 1);
  return right < 0 ? Factor{wrapping_shift_left(root, -right), 0} : Factor{root, -right};
}

}  // namespace
}  // namespace ckernels

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
    const Factor factor = inverse_norm(sum);
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
