#pragma once

#include <arm_neon.h>

#include <cstdint>

namespace ckernels {
namespace neon {

/// Multiplier and shifts of 4 lanes. `right` is negative or 0, as the shifts to the left are which
/// this processor has.
struct Scale {
  int32x4_t multiplier, left, right;
};

static inline Scale make_scale(int32x4_t multiplier, int32x4_t shift) {
  const int32x4_t zero = vdupq_n_s32(0);
  const int32x4_t limited = vminq_s32(vmaxq_s32(shift, vdupq_n_s32(-31)), vdupq_n_s32(31));
  return {multiplier, vmaxq_s32(limited, zero), vminq_s32(limited, zero)};
}

/// `requantize` of FixedPoint.h on 4 lanes, saturation included.
static inline int32x4_t requantize(int32x4_t value, const Scale &scale) {
  const int32x4_t high = vqrdmulhq_s32(vshlq_s32(value, scale.left), scale.multiplier);
  // The shift rounds halves up. One less than a negative number, where there is a shift at all,
  // makes that away from zero; the lowest number needs no rounding.
  const int32x4_t correction = vshrq_n_s32(vandq_s32(high, scale.right), 31);
  return vrshlq_s32(vqaddq_s32(high, correction), scale.right);
}

/// Offset (16-bit lanes), range and flipped bits (8-bit lanes) of 8-bit results.
struct OutputRange {
  int16x8_t zero_point;
  int8x16_t clamp_min, clamp_max, flipped_bits;
};

static inline OutputRange make_output_range(int32_t zero_point, int32_t clamp_min,
                                            int32_t clamp_max, uint8_t flipped_bits) {
  return {vdupq_n_s16(static_cast<int16_t>(zero_point)), vdupq_n_s8(static_cast<int8_t>(clamp_min)),
          vdupq_n_s8(static_cast<int8_t>(clamp_max)),
          vdupq_n_s8(static_cast<int8_t>(flipped_bits))};
}

/// Two vectors in 16 bits, with zero point.
static inline int16x8_t pack_sixteen_bits(int32x4_t low, int32x4_t high, const OutputRange &range) {
  return vqaddq_s16(vqmovn_high_s32(vqmovn_s32(low), high), range.zero_point);
}

/// 8-bit results with range and flipped bits.
static inline int8x16_t finished(int8x16_t bytes, const OutputRange &range) {
  return veorq_s8(vminq_s8(vmaxq_s8(bytes, range.clamp_min), range.clamp_max), range.flipped_bits);
}

/// 16 results of 4 vectors.
static inline void store_16_bytes(const int32x4_t (&values)[4], const OutputRange &range,
                                  int8_t *output) {
  const int16x8_t low = pack_sixteen_bits(values[0], values[1], range);
  const int16x8_t high = pack_sixteen_bits(values[2], values[3], range);
  vst1q_s8(output, finished(vqmovn_high_s16(vqmovn_s16(low), high), range));
}

/// The first `count` of 8 results in 16 bits.
template <int count>
static inline void store_bytes(int16x8_t values, const OutputRange &range, int8_t *output) {
  const int8x8_t bytes = vqmovn_s16(values);
  const int8x16_t result = finished(vcombine_s8(bytes, bytes), range);
  __builtin_memcpy(output, &result, count);
}

}  // namespace neon
}  // namespace ckernels
