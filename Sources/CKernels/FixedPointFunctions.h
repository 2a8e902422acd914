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
