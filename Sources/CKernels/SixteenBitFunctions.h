#pragma once

#include "FixedPoint.h"

/// Functions of gemmlowp's 16-bit fixed-point numbers: Q3.12 is one with 3 integer and 12 fraction
/// bits. Sums wrap, as gemmlowp's do.
namespace ckernels {

/// A constant that gemmlowp has in 32 bits.
constexpr int16_t sixteen_bits_of(int32_t value) {
  return static_cast<int16_t>((value + (1 << 15)) >> 16);
}

inline int16_t wrapping_sum(int32_t a, int32_t b) { return static_cast<int16_t>(a + b); }

/// `round(a · b / 2¹⁵)`, halves up, limited to 16 bits.
inline int16_t rounded_product(int16_t a, int16_t b) {
  const int32_t product = (a * b + (1 << 14)) >> 15;
  return static_cast<int16_t>(product > INT16_MAX ? INT16_MAX : product);
}

/// `value · 2^exponent`, limited to 16 bits.
inline int16_t saturated_shift(int16_t value, int32_t exponent) {
  return static_cast<int16_t>(limited_to<int16_t>(value * (1 << exponent)));
}

/// `exp(x)` for x in −1/4 ..< 0, both Q0.15: the Taylor polynomial of degree 4 around −1/8.
inline int16_t sixteen_bit_exp_near_zero(int16_t value) {
  constexpr int16_t exp_of_minus_eighth = sixteen_bits_of(1895147668);
  constexpr int16_t third = sixteen_bits_of(715827883);
  const int16_t x = wrapping_sum(value, 1 << 12);
  const int16_t x2 = rounded_product(x, x);
  const int16_t x3 = rounded_product(x2, x);
  const int16_t x4 = rounded_product(x2, x2);
  const int16_t cubic = wrapping_sum(rounding_divide_by_power_of_two(x4, 2), x3);
  const int16_t quadratic = wrapping_sum(rounded_product(cubic, third), x2);
  const int16_t polynomial = wrapping_sum(x, rounding_divide_by_power_of_two(quadratic, 1));
  const int32_t sum = exp_of_minus_eighth + rounded_product(exp_of_minus_eighth, polynomial);
  return static_cast<int16_t>(limited_to<int16_t>(sum));
}

/// `exp(x)` in Q0.15 for x ≤ 0 with that many integer bits, at most 7: the polynomial for x modulo
/// 1/4, times `exp(−2^k)` for every bit of the rest.
inline int16_t sixteen_bit_exp_of_negative(int16_t x, int32_t integer_bits) {
  if (x == 0) return INT16_MAX;
  if (integer_bits > 5 && x < -(1 << (20 - integer_bits))) return 0;
  constexpr int16_t exp_of_minus_powers[] = {
      sixteen_bits_of(1672461947), sixteen_bits_of(1302514674), sixteen_bits_of(790015084),
      sixteen_bits_of(290630308),  sixteen_bits_of(39332535),   sixteen_bits_of(720401),
      sixteen_bits_of(242)};
  const int32_t quarter = 1 << (13 - integer_bits);
  const int32_t small = (x & (quarter - 1)) - quarter;
  const int32_t rest = small - x;
  int16_t result =
      sixteen_bit_exp_near_zero(saturated_shift(static_cast<int16_t>(small), integer_bits));
  for (int32_t bit = 0; bit < 7 && bit < integer_bits + 2; ++bit)
    if (rest & (quarter << bit)) result = rounded_product(result, exp_of_minus_powers[bit]);
  return result;
}

/// `2 / (1 + x)` in Q2.13 for x in 0 ..< 1 in Q0.15: three Newton-Raphson steps.
inline int16_t twice_reciprocal_of_one_plus(int16_t x) {
  constexpr int16_t forty_eight_seventeenths = sixteen_bits_of(1515870810);
  constexpr int16_t minus_thirty_two_seventeenths = sixteen_bits_of(-1010580540);
  const int16_t half_denominator = static_cast<int16_t>((x + INT16_MAX + 1) / 2);
  int16_t estimate = wrapping_sum(forty_eight_seventeenths,
                                  rounded_product(half_denominator, minus_thirty_two_seventeenths));
  for (int32_t step = 0; step < 3; ++step) {
    const int16_t error = wrapping_sum(1 << 13, -rounded_product(half_denominator, estimate));
    // The product of two Q2.13 is a Q4.11.
    estimate = wrapping_sum(estimate, saturated_shift(rounded_product(estimate, error), 2));
  }
  return estimate;
}

/// `1 / (1 + exp(−x))` in Q0.15 for x in Q3.12.
inline int16_t sixteen_bit_logistic(int16_t x) {
  if (x == 0) return 1 << 14;
  const int16_t magnitude = static_cast<int16_t>(x > 0 ? -x : x);
  const int16_t exponential = sixteen_bit_exp_of_negative(magnitude, 3);
  // Half of a Q2.13 is a Q1.14.
  const int16_t result = saturated_shift(twice_reciprocal_of_one_plus(exponential), 1);
  return static_cast<int16_t>(x > 0 ? result : INT16_MAX - result);
}

/// `tanh(x)` in Q0.15 for x with that many integer bits, at most 6: `(1 − e) / (1 + e)` for
/// `e = exp(−2·|x|)`.
inline int16_t sixteen_bit_tanh(int16_t x, int32_t integer_bits) {
  if (x == 0) return 0;
  const int16_t magnitude = static_cast<int16_t>(x > 0 ? -x : x);
  const int16_t exponential = sixteen_bit_exp_of_negative(magnitude, integer_bits + 1);
  const int16_t quotient =
      saturated_shift(wrapping_sum(twice_reciprocal_of_one_plus(exponential), -(1 << 13)), 2);
  return static_cast<int16_t>(x > 0 ? quotient : -quotient);
}

}  // namespace ckernels
