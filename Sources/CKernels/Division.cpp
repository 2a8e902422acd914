#include "CKernels.h"
#include "FixedPointFunctions.h"

using namespace ckernels;

namespace {

/// `dividend / divisor` as `value / 2^exponent`, for divisors above 0.
struct Quotient {
  int32_t value, exponent;

  Quotient(int32_t dividend, int32_t divisor) {
    // Both are shifted until their highest bits are used; those shifts are taken back at the end.
    const int32_t divisor_headroom = __builtin_clz(static_cast<uint32_t>(divisor));
    const int32_t headroom = __builtin_clrsb(dividend);
    const int32_t inverse = reciprocal_of_one_plus(static_cast<int32_t>(
        (static_cast<uint32_t>(divisor) << divisor_headroom) - (uint32_t{1} << 31)));
    value = rounding_doubling_high_multiply(wrapping_shift_left(dividend, headroom), inverse);
    exponent = 31 - divisor_headroom + headroom;
  }

  /// Nothing is left of a quotient that is shifted by more than its bits.
  int32_t rescaled(int32_t multiplier, int32_t shift) const {
    const int32_t right = exponent - limited(shift, -31, 31);
    if (right > 31) return 0;
    return rounding_divide_by_power_of_two(rounding_doubling_high_multiply(value, multiplier),
                                           limited(right, 0, 31));
  }
};

template <typename Element>
void divide(const Element *a, const Element *b, int64_t count, const ck_multiplication &division,
            Element *output) {
  const int32_t a_zero_point = static_cast<Element>(division.a_zero_point);
  const int32_t b_zero_point = static_cast<Element>(division.b_zero_point);
  const int32_t zero_point = static_cast<Element>(division.output_zero_point);
  const int32_t clamp_min = limited_to<Element>(division.clamp_min);
  const int32_t clamp_max = limited_to<Element>(division.clamp_max);
  for (int64_t i = 0; i < count; ++i) {
    const int32_t dividend = a[i] - a_zero_point, divisor = b[i] - b_zero_point;
    const int32_t quotient =
        divisor == 0 ? 0
                     : Quotient(divisor < 0 ? -dividend : dividend, divisor < 0 ? -divisor : divisor)
                           .rescaled(division.multiplier, division.shift);
    output[i] = quantized_output<Element>(quotient, zero_point, clamp_min, clamp_max);
  }
}

}  // namespace

void ck_divide_i8(const int8_t *a, const int8_t *b, int64_t count,
                  const ck_multiplication *division, int8_t *output) {
  divide(a, b, count, *division, output);
}

void ck_divide_i16(const int16_t *a, const int16_t *b, int64_t count,
                   const ck_multiplication *division, int16_t *output) {
  divide(a, b, count, *division, output);
}
