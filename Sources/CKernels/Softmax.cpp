#include <algorithm>
#include <cmath>
#include <limits>

#include "CKernels.h"
#include "FixedPointFunctions.h"

/// Softmax in the fixed-point formats of gemmlowp. Qm.n below has m integer and n fraction bits
/// beside the sign.
namespace ckernels {
namespace {

constexpr int32_t sum_integer_bits = 12;

/// The factor `scale · 2^−exponent` from an exponential in Q0.31 to an output in steps of 1/256, or
/// of 1/65536 for one of 16 bits.
template <typename Output>
struct OutputScale {
  static constexpr int32_t bits = 8 * int32_t{sizeof(Output)};
  int32_t scale, exponent;

  /// The first sum that is too large. From 512 on, no quotient exceeds half a step of 1/256.
  static constexpr int64_t limit = int64_t{1} << (bits == 8 ? 28 : 32);

  /// The sum is in Q12.19, above 0 and below the limit.
  explicit OutputScale(uint32_t sum) {
    const int32_t headroom = __builtin_clz(sum);
    // The leading one is taken away: what is left is x of 1 + x.
    scale = reciprocal_of_one_plus(static_cast<int32_t>((sum << headroom) - (uint32_t{1} << 31)));
    exponent = sum_integer_bits - headroom + 31 - bits;
  }

  Output operator()(int32_t exponential) const {
    const int32_t steps = rounding_divide_by_power_of_two(
        rounding_doubling_high_multiply(scale, exponential), exponent);
    return static_cast<Output>(limited(steps, 0, (1 << bits) - 1) - (1 << (bits - 1)));
  }
};

template <typename Output>
void softmax_row(const int8_t *input, int32_t depth, int32_t diff_min, Exponentials &exponentials,
                 Output *output) {
  constexpr Output lowest = std::numeric_limits<Output>::min();
  const int32_t largest = *std::max_element(input, input + depth);
  int64_t sum = 0;
  for (int32_t i = 0; i < depth; ++i)
    if (input[i] - largest >= diff_min)
      sum += rounding_divide_by_power_of_two(exponentials(input[i] - largest), sum_integer_bits);

  // Nothing is summed only if diff_min is above 0.
  if (sum <= 0 || sum >= OutputScale<Output>::limit) {
    std::fill(output, output + depth, lowest);
    return;
  }
  const OutputScale<Output> scale(static_cast<uint32_t>(sum));
  for (int32_t i = 0; i < depth; ++i)
    output[i] = input[i] - largest >= diff_min ? scale(exponentials(input[i] - largest)) : lowest;
}

template <typename Output>
void softmax(const int8_t *input, int64_t rows, int32_t depth, int32_t input_multiplier,
             int32_t input_left_shift, int32_t diff_min, Output *output) {
  if (depth < 1) return;
  Exponentials exponentials(input_multiplier, input_left_shift);
  for (int64_t row = 0; row < rows; ++row)
    softmax_row(input + row * depth, depth, diff_min, exponentials, output + row * depth);
}

}  // namespace
}  // namespace ckernels

void ck_softmax_i8(const int8_t *input, int64_t rows, int32_t depth, int32_t input_multiplier,
                   int32_t input_left_shift, int32_t diff_min, int8_t *output) {
  ckernels::softmax(input, rows, depth, input_multiplier, input_left_shift, diff_min, output);
}

void ck_softmax_i8_i16(const int8_t *input, int64_t rows, int32_t depth, int32_t input_multiplier,
                       int32_t input_left_shift, int32_t diff_min, int16_t *output) {
  ckernels::softmax(input, rows, depth, input_multiplier, input_left_shift, diff_min, output);
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
