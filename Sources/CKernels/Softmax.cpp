#include <algorithm>
#include <cmath>

#include "CKernels.h"
#include "FixedPointFunctions.h"

/// Softmax in the fixed-point formats of gemmlowp. Qm.n below has m integer and n fraction bits
/// beside the sign.
namespace ckernels {
namespace {

constexpr int32_t sum_integer_bits = 12;

/// The factor `scale · 2^−exponent` from an exponential in Q0.31 to an output in steps of 1/256.
struct OutputScale {
  int32_t scale, exponent;

  /// The sum is in Q12.19, above 0 and below 512.
  explicit OutputScale(uint32_t sum) {
    const int32_t headroom = __builtin_clz(sum);
    // The leading one is taken away: what is left is x of 1 + x.
    scale = reciprocal_of_one_plus(static_cast<int32_t>((sum << headroom) - (uint32_t{1} << 31)));
    exponent = sum_integer_bits - headroom + 31 - 8;
  }

  int8_t operator()(int32_t exponential) const {
    const int32_t steps = rounding_divide_by_power_of_two(
        rounding_doubling_high_multiply(scale, exponential), exponent);
    return static_cast<int8_t>(limited(steps, 0, 255) - 128);
  }
};

void softmax_row(const int8_t *input, int32_t depth, int32_t diff_min, Exponentials &exponentials,
                 int8_t *output) {
  const int32_t largest = *std::max_element(input, input + depth);
  int64_t sum = 0;
  for (int32_t i = 0; i < depth; ++i)
    if (input[i] - largest >= diff_min)
      sum += rounding_divide_by_power_of_two(exponentials(input[i] - largest), sum_integer_bits);

  // From a sum of 512 on, no quotient exceeds half a step. (Nothing is summed only if diff_min is
  // above 0.)
  const int64_t limit = int64_t{512} << (31 - sum_integer_bits);
  if (sum <= 0 || sum >= limit) {
    std::fill(output, output + depth, INT8_MIN);
    return;
  }
  const OutputScale scale(static_cast<uint32_t>(sum));
  for (int32_t i = 0; i < depth; ++i)
    output[i] = input[i] - largest >= diff_min ? scale(exponentials(input[i] - largest)) : INT8_MIN;
}

}  // namespace
}  // namespace ckernels

void ck_softmax_i8(const int8_t *input, int64_t rows, int32_t depth, int32_t input_multiplier,
                   int32_t input_left_shift, int32_t diff_min, int8_t *output) {
  if (depth < 1) return;
  ckernels::Exponentials exponentials(input_multiplier, input_left_shift);
  for (int64_t row = 0; row < rows; ++row)
    ckernels::softmax_row(input + row * depth, depth, diff_min, exponentials, output + row * depth);
}

void ck_softmax_f32(const float *input, int64_t rows, int32_t depth, float beta, float *output) {
  if (depth < 1) return;
  for (int64_t row = 0; row < rows; ++row, input += depth, output += depth) {
    const float largest = *std::max_element(input, input + depth);
    float sum = 0;
    for (int32_t i = 0; i < depth; ++i) {
      output[i] = std::exp((input[i] - largest) * beta);
      sum += output[i];
    }
    for (int32_t i = 0; i < depth; ++i) output[i] /= sum;
  }
}
