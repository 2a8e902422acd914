#pragma once

#include <cstdint>
#include <limits>

/// The fixed-point arithmetic of gemmlowp on single values, with wrapping where gemmlowp would
/// overflow.
namespace ckernels {

inline int32_t wrapping_add(int32_t a, int32_t b) {
  return static_cast<int32_t>(static_cast<uint32_t>(a) + static_cast<uint32_t>(b));
}

inline int32_t wrapping_subtract(int32_t a, int32_t b) {
  return static_cast<int32_t>(static_cast<uint32_t>(a) - static_cast<uint32_t>(b));
}

inline int32_t wrapping_multiply(int32_t a, int32_t b) {
  return static_cast<int32_t>(static_cast<uint32_t>(a) * static_cast<uint32_t>(b));
}

/// `value · 2^amount` modulo 2³², for amounts from 0 to 31.
inline int32_t wrapping_shift_left(int32_t value, int32_t amount) {
  return static_cast<int32_t>(static_cast<uint32_t>(value) << amount);
}

template <typename Value>
inline Value limited(Value value, Value low, Value high) {
  const Value raised = value < low ? low : value;
  return raised > high ? high : raised;
}

/// A zero point of an 8-bit tensor, reduced modulo 2⁸, so that differences to it fit in 9 bits
/// whatever a model says.
inline int32_t eight_bit_zero_point(int32_t zero_point) { return static_cast<int8_t>(zero_point); }

/// `round(a · b / 2³¹)`, halves up; −2³¹ · −2³¹ saturates to 2³¹ − 1 (gemmlowp
/// SaturatingRoundingDoublingHighMul).
inline int32_t rounding_doubling_high_multiply(int32_t a, int32_t b) {
  if (a == INT32_MIN && b == INT32_MIN) return INT32_MAX;
  // gemmlowp nudges negative products by 1 − 2³⁰ and truncates, which equals this floor on every
  // product.
  return static_cast<int32_t>((static_cast<int64_t>(a) * b + (int64_t{1} << 30)) >> 31);
}

/// `round(value / 2^exponent)`, halves away from zero, for exponents from 0 to 31 (gemmlowp
/// RoundingDivideByPOT).
inline int32_t rounding_divide_by_power_of_two(int32_t value, int32_t exponent) {
  const int32_t mask = static_cast<int32_t>((uint32_t{1} << exponent) - 1);
  const int32_t remainder = value & mask;
  const int32_t threshold = (mask >> 1) + (value < 0 ? 1 : 0);
  return (value >> exponent) + (remainder > threshold ? 1 : 0);
}

/// `clamp(value + zero_point)` for a zero point and bounds of 8 bits.
inline int8_t eight_bit_output(int32_t value, int32_t zero_point, int32_t clamp_min,
                               int32_t clamp_max) {
  // 16 bits are enough to tell on which side of the bounds the sum lies.
  return static_cast<int8_t>(
      limited(limited(value, INT16_MIN, INT16_MAX) + zero_point, clamp_min, clamp_max));
}

/// `value` within the range of an integer type.
template <typename Element>
inline int32_t limited_to(int32_t value) {
  return limited<int32_t>(value, std::numeric_limits<Element>::min(),
                          std::numeric_limits<Element>::max());
}

/// `clamp(value + zero_point)` for a zero point and bounds of at most 16 bits.
template <typename Element>
inline Element quantized_output(int32_t value, int32_t zero_point, int32_t clamp_min,
                                int32_t clamp_max) {
  // 20 bits are enough to tell on which side of the bounds the sum lies.
  return static_cast<Element>(
      limited(limited(value, -(1 << 19), 1 << 19) + zero_point, clamp_min, clamp_max));
}

/// See `ck_requantize`.
inline int32_t requantize(int32_t value, int32_t multiplier, int32_t shift) {
  const int32_t left = limited(shift, 0, 31);
  const int32_t right = shift < 0 ? -limited(shift, -31, 0) : 0;
  return rounding_divide_by_power_of_two(
      rounding_doubling_high_multiply(wrapping_shift_left(value, left), multiplier), right);
}

/// Whether `requantize(value · 2^left_shift, multiplier, shift)` is `value · 2^(left_shift − 1)`
/// for every difference of 8-bit numbers: so it is for the operand of an addition with the larger
/// scale.
inline bool is_half(int32_t left_shift, int32_t multiplier, int32_t shift) {
  return multiplier == 1 << 30 && shift == 0 && left_shift >= 1 && left_shift <= 22;
}

}  // namespace ckernels
