#include "FixedPoint.h"
#include "Multiversion.h"
#include "SigmoidTable.h"

#pragma STDC FP_CONTRACT OFF

using namespace ckernels;

namespace {

/// `x · multiplier / 2^right_shift`, halves up.
inline int32_t scaled_input(int16_t x, int32_t multiplier, int32_t right_shift) {
  const int32_t half = right_shift > 0 ? 1 << (right_shift - 1) : 0;
  return wrapping_add(wrapping_multiply(x, multiplier), half) >> right_shift;
}

/// The table at `position / 2^fraction_bits`, times 2^fraction_bits; `beyond` past its end.
template <int32_t fraction_bits>
inline uint32_t interpolated_sigmoid(uint32_t position, uint32_t beyond) {
  const uint32_t index = position >> fraction_bits;
  if (index >= 255) return beyond;
  const uint32_t low = sigmoid_table[index], high = sigmoid_table[index + 1];
  return (low << fraction_bits) + (position & ((1u << fraction_bits) - 1)) * (high - low);
}

inline uint32_t magnitude(int32_t x) {
  return x < 0 ? 0 - static_cast<uint32_t>(x) : static_cast<uint32_t>(x);
}

}  // namespace

void ck_lookup_i8(const int8_t *input, int64_t count, const int8_t table[256], int8_t *output) {
  for (int64_t i = 0; i < count; ++i) output[i] = table[input[i] + 128];
}

void ck_logistic_i16(const int16_t *input, int64_t count, int32_t multiplier, int32_t right_shift,
                     int16_t *output) {
  const int32_t shift = limited(right_shift, 0, 31);
  for (int64_t i = 0; i < count; ++i) {
    // In steps of 1/(24 · 512).
    const int32_t x = scaled_input(input[i], multiplier, shift);
    const uint32_t result = interpolated_sigmoid<9>(magnitude(x), 0x7FFFu << 10);
    const uint32_t half = 1 << 9;
    output[i] =
        static_cast<int16_t>((x >= 0 ? result + half : (1u << 25) - result + half - 1) >> 10);
  }
}

void ck_tanh_i16(const int16_t *input, int64_t count, int32_t multiplier, int32_t right_shift,
                 int16_t *output) {
  const int32_t shift = limited(right_shift, 0, 31);
  for (int64_t i = 0; i < count; ++i) {
    // tanh(x) = 2 · logistic(2x) − 1, with x in steps of 1/(24 · 512).
    const int32_t x = scaled_input(input[i], multiplier, shift);
    const int32_t result =
        static_cast<int32_t>(interpolated_sigmoid<8>(magnitude(x), 0xFFFFu << 8)) - (1 << 23);
    const int32_t half = 1 << 7;
    output[i] = static_cast<int16_t>((x >= 0 ? result + half : half - 1 - result) >> 8);
  }
}
