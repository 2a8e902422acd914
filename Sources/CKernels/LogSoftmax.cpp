#include <algorithm>
#include <cmath>

#include "CKernels.h"
#include "FixedPointFunctions.h"

/// Log softmax in the fixed-point formats of gemmlowp.
namespace ckernels {
namespace {

int32_t multiply(int32_t a, int32_t b) { return rounding_doubling_high_multiply(a, b); }

/// The natural logarithm of the mantissa's distance to `2^−1/4`, all Q0.31, as
/// numerator / (1 + denominator): the rational part of `log_of_sum`.
int32_t log_of_mantissa(int32_t mantissa) {
  constexpr int32_t fourth_root_of_half = 1805811301;
  constexpr int32_t alpha_n = 117049297, alpha_d = 127690142, alpha_i = 1057819769,
                    alpha_f = 638450708;
  const int64_t sum = int64_t{mantissa} + fourth_root_of_half;
  const int32_t mean = static_cast<int32_t>((sum + (sum >= 0 ? 1 : -1)) / 2);
  const int32_t half_q = wrapping_subtract(mantissa, fourth_root_of_half);
  const int32_t q = wrapping_add(half_q, half_q);
  const int32_t square = multiply(q, q);
  const int32_t numerator =
      wrapping_add(multiply(q, mantissa), multiply(multiply(q, square), alpha_n));
  const int32_t inner = wrapping_add(wrapping_add(alpha_i, q), multiply(alpha_d, square));
  const int32_t denominator = wrapping_add(multiply(mean, inner), multiply(alpha_f, q));
  return multiply(rounding_divide_by_power_of_two(numerator, 6),
                  reciprocal_of_one_plus(denominator));
}

/// `log(x)` in Q5.26 for x ≥ 1 in Q12.19.
///
/// x is a power of two, at quarters above or below a whole exponent, times a mantissa near 2^−1/4.
int32_t log_of_sum(int32_t x) {
  constexpr int32_t integer_bits = 12, log_of_two = 1488522236, root_of_half = 1518500250;
  constexpr int32_t quarter = 1 << 23;  // Q6.25
  const int32_t a_headroom = __builtin_clz(static_cast<uint32_t>(x)) - 1;
  const int32_t a_mantissa =
      saturating_shift_left(multiply(saturating_shift_left(x, a_headroom), root_of_half), 1);
  const int32_t a_exponent =
      wrapping_add(saturating_shift_left(integer_bits - a_headroom - 1, 25), quarter);

  const int32_t b_headroom =
      __builtin_clz(static_cast<uint32_t>(multiply(x, root_of_half)) | 1) - 1;
  const int32_t b_mantissa = saturating_shift_left(x, b_headroom);
  const int32_t b_exponent =
      wrapping_subtract(saturating_shift_left(integer_bits - b_headroom, 25), quarter);

  const int32_t whole = multiply(std::max(a_exponent, b_exponent), log_of_two);
  return saturating_shift_left(
      wrapping_add(whole, log_of_mantissa(std::min(a_mantissa, b_mantissa))), 1);
}

void log_softmax_row(const int8_t *input, int32_t depth, const ck_log_softmax &parameters,
                     Exponentials &exponentials, int8_t *output) {
  constexpr int32_t sum_integer_bits = 12;
  const int32_t largest = *std::max_element(input, input + depth);
  int64_t sum = 0;
  for (int32_t i = 0; i < depth; ++i)
    if (input[i] - largest >= parameters.diff_min)
      sum += rounding_divide_by_power_of_two(exponentials(input[i] - largest), sum_integer_bits);
  const int32_t log = log_of_sum(static_cast<int32_t>(limited<int64_t>(sum, 1, INT32_MAX)));

  // Where the logarithm would leave no room for the difference.
  const int32_t lowest = requantize(wrapping_add(log, INT32_MIN), parameters.reverse_multiplier,
                                    parameters.reverse_shift);
  const int32_t limit = std::max(wrapping_subtract(parameters.diff_min, 1), lowest);
  for (int32_t i = 0; i < depth; ++i) {
    const int32_t difference = input[i] - largest;
    const int32_t scaled = requantize(difference, parameters.multiplier, parameters.shift);
    const int32_t steps = rounding_divide_by_power_of_two(wrapping_subtract(scaled, log), 22);
    output[i] = difference > limit ? eight_bit_output(steps, 127, -128, 127) : INT8_MIN;
  }
}

}  // namespace
}  // namespace ckernels

void ck_log_softmax_i8(const int8_t *input, int64_t rows, int32_t depth,
                       const ck_log_softmax *parameters, int8_t *output) {
  if (depth < 1) return;
  ckernels::Exponentials exponentials(parameters->multiplier, parameters->shift);
  for (int64_t row = 0; row < rows; ++row)
    ckernels::log_softmax_row(input + row * depth, depth, *parameters, exponentials,
                              output + row * depth);
}

void ck_log_softmax_f32(const float *input, int64_t rows, int32_t depth, float *output) {
  if (depth < 1) return;
  for (int64_t row = 0; row < rows; ++row, input += depth, output += depth) {
    const float largest = *std::max_element(input, input + depth);
    float sum = 0;
    for (int32_t i = 0; i < depth; ++i) sum += std::exp(input[i] - largest);
    const float log = std::log(sum);
    for (int32_t i = 0; i < depth; ++i) output[i] = input[i] - largest - log;
  }
}
