#include <algorithm>
#include <cmath>

#include "CKernels.h"
#include "FixedPoint.h"

/// Softmax in the fixed-point formats of gemmlowp. Qm.n below has m integer and n fraction bits
/// beside the sign.
namespace ckernels {
namespace {

constexpr int32_t difference_fraction_bits = 26;
constexpr int32_t sum_integer_bits = 12;

/// `value · 2^exponent`, limited to 32 bits.
int32_t saturating_shift_left(int32_t value, int32_t exponent) {
  return static_cast<int32_t>(
      limited<int64_t>(int64_t{value} * (int64_t{1} << exponent), INT32_MIN, INT32_MAX));
}

/// `exp(x)` for x in −1/4 ..< 0, both Q0.31: the Taylor polynomial of degree 4 around −1/8.
int32_t exp_near_zero(int32_t value) {
  constexpr int32_t exp_of_minus_eighth = 1895147668, third = 715827883;
  const int32_t x = wrapping_add(value, 1 << 28);
  const int32_t x2 = rounding_doubling_high_multiply(x, x);
  const int32_t x3 = rounding_doubling_high_multiply(x2, x);
  const int32_t x4 = rounding_doubling_high_multiply(x2, x2);
  const int32_t cubic = wrapping_add(rounding_divide_by_power_of_two(x4, 2), x3);
  const int32_t quadratic = wrapping_add(rounding_doubling_high_multiply(cubic, third), x2);
  const int32_t tail = rounding_divide_by_power_of_two(quadratic, 1);
  return wrapping_add(exp_of_minus_eighth,
                      rounding_doubling_high_multiply(exp_of_minus_eighth, wrapping_add(x, tail)));
}

/// `exp(x)` in Q0.31 for x ≤ 0 in Q5.26: the polynomial for x modulo 1/4, times `exp(−2^k)` for
/// every bit of the rest.
int32_t exp_of_negative(int32_t x) {
  if (x == 0) return INT32_MAX;
  constexpr int32_t quarter = 1 << (difference_fraction_bits - 2);
  constexpr int32_t exp_of_minus_powers[] = {1672461947, 1302514674, 790015084, 290630308,
                                             39332535,   720401,     242};
  const int32_t small = (x & (quarter - 1)) - quarter;
  const int32_t rest = wrapping_subtract(small, x);
  int32_t result = exp_near_zero(saturating_shift_left(small, 5));
  for (int32_t bit = 0; bit < 7; ++bit)
    if (rest & (quarter << bit))
      result = rounding_doubling_high_multiply(result, exp_of_minus_powers[bit]);
  return result;
}

/// `1 / (1 + x)` for x in 0 ..< 1, both Q0.31: three Newton-Raphson steps on Q2.29.
int32_t reciprocal_of_one_plus(int32_t x) {
  constexpr int32_t one = 1 << 29, forty_eight_seventeenths = 1515870810,
                    minus_thirty_two_seventeenths = -1010580540;
  const int32_t half_denominator = static_cast<int32_t>((int64_t{x} + INT32_MAX + 1) / 2);
  int32_t estimate = wrapping_add(
      forty_eight_seventeenths,
      rounding_doubling_high_multiply(half_denominator, minus_thirty_two_seventeenths));
  for (int32_t step = 0; step < 3; ++step) {
    const int32_t error =
        wrapping_subtract(one, rounding_doubling_high_multiply(half_denominator, estimate));
    // The product of two Q2.29 is a Q4.27.
    const int32_t correction =
        saturating_shift_left(rounding_doubling_high_multiply(estimate, error), 2);
    estimate = wrapping_add(estimate, correction);
  }
  // 1 / denominator = estimate / 2, which takes the Q2.29 for a Q1.30.
  return saturating_shift_left(estimate, 1);
}

/// Exponentials of the differences of 8-bit values to their maximum, each computed when first asked
/// for.
class Exponentials {
 public:
  Exponentials(int32_t multiplier, int32_t left_shift)
      : multiplier(multiplier), left_shift(left_shift) {}

  /// Q0.31, for a difference from −255 to 0.
  int32_t operator()(int32_t difference) {
    if (!is_known[-difference]) {
      results[-difference] =
          exp_of_negative(ckernels::requantize(difference, multiplier, left_shift));
      is_known[-difference] = true;
    }
    return results[-difference];
  }

 private:
  int32_t multiplier, left_shift;
  bool is_known[256] = {};
  int32_t results[256];
};

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
