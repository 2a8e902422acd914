#pragma once

#include "FixedPoint.h"

/// Functions of gemmlowp's fixed-point numbers: Q5.26 is one with 5 integer and 26 fraction bits.
namespace ckernels {

constexpr int32_t difference_fraction_bits = 26;

/// `value · 2^exponent`, limited to 32 bits.
inline int32_t saturating_shift_left(int32_t value, int32_t exponent) {
  return static_cast<int32_t>(
      limited<int64_t>(int64_t{value} * (int64_t{1} << exponent), INT32_MIN, INT32_MAX));
}

/// `exp(x)` for x in −1/4 ..< 0, both Q0.31: the Taylor polynomial of degree 4 around −1/8.
inline int32_t exp_near_zero(int32_t value) {
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
inline int32_t exp_of_negative(int32_t x) {
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
inline int32_t reciprocal_of_one_plus(int32_t x) {
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

/// A factor `multiplier · 2^shift / 2³¹`, as for `requantize`.
struct Factor {
  int32_t multiplier, shift;
};

/// `1 / sqrt(x)` for x in 1/4 ..< 1, Q3.28, by five Newton-Raphson steps; the result has lost the
/// factor `sqrt(2)`.
inline int32_t inverse_root(int32_t x) {
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

/// `1 / sqrt(sum)`; what is below 1 counts as 1.
inline Factor inverse_square_root(int32_t sum) {
  if (sum <= 1) return {INT32_MAX, 0};
  int32_t right = 11;
  for (; sum >= 1 << 29; ++right) sum /= 4;
  // By an even number of bits, to 2²⁷ ..< 2²⁹.
  const int32_t pairs = (__builtin_clz(static_cast<uint32_t>(sum)) - 1) / 2 - 1;
  right -= pairs;
  const int32_t root = inverse_root((sum << (2 * pairs)) >> 1);
  return right < 0 ? Factor{wrapping_shift_left(root, -right), 0} : Factor{root, -right};
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

}  // namespace ckernels
