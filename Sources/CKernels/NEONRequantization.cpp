#if defined(__aarch64__)

#include "FixedPoint.h"
#include "NEONFixedPoint.h"
#include "NEONKernels.h"
#include "PortableLoops.h"

#pragma STDC FP_CONTRACT OFF

namespace ckernels {
namespace neon {

// MARK: Rescaling

/// Rescales 4 channels from a given one on by fixed-point factors.
struct FixedPointRescaling {
  Scale scale;

  FixedPointRescaling(const RequantizationTile &tile, int32_t channel)
      : scale(make_scale(vld1q_s32(tile.multipliers + channel), vld1q_s32(tile.shifts + channel))) {
  }

  int32x4_t operator()(int32x4_t sums) const { return requantize(sums, scale); }
};

/// As `portable::rescale_half_away`.
struct HalfAwayRescaling {
  float64x2_t low, high;

  HalfAwayRescaling(const RequantizationTile &tile, int32_t channel)
      : low(vld1q_f64(tile.scales + channel)), high(vld1q_f64(tile.scales + channel + 2)) {}

  int32x4_t operator()(int32x4_t sums) const {
    const int64x2_t low_sums = vmovl_s32(vget_low_s32(sums)), high_sums = vmovl_high_s32(sums);
    return vcombine_s32(round(vmulq_f64(vcvtq_f64_s64(low_sums), low)),
                        round(vmulq_f64(vcvtq_f64_s64(high_sums), high)));
  }

 private:
  static int32x2_t round(float64x2_t value) {
    // Of a number and NaN, this maximum is the number.
    const float64x2_t raised = vmaxnmq_f64(value, vdupq_n_f64(INT32_MIN));
    return vmovn_s64(vcvtaq_s64_f64(vminq_f64(raised, vdupq_n_f64(INT32_MAX))));
  }
};

/// As `portable::rescale_half_even`.
struct HalfEvenRescaling {
  float32x4_t scales;

  HalfEvenRescaling(const RequantizationTile &tile, int32_t channel)
      : scales(vcvt_high_f32_f64(vcvt_f32_f64(vld1q_f64(tile.scales + channel)),
                                 vld1q_f64(tile.scales + channel + 2))) {}

  int32x4_t operator()(int32x4_t sums) const {
    constexpr float lowest = -2147483648.0f, highest = 2147483520.0f;
    const float32x4_t value = vmulq_f32(vcvtq_f32_s32(sums), scales);
    const float32x4_t raised = vmaxnmq_f32(value, vdupq_n_f32(lowest));
    return vcvtnq_s32_f32(vminq_f32(raised, vdupq_n_f32(highest)));
  }
};

// MARK: Tiles

template <typename Rescaling>
static void requantize_16_channels(const RequantizationTile &tile, int32_t channel,
                                   const OutputRange &range) {
  const Rescaling rescalings[] = {
      {tile, channel}, {tile, channel + 4}, {tile, channel + 8}, {tile, channel + 12}};
  int32x4_t biases[4];
  for (int vector = 0; vector < 4; ++vector)
    biases[vector] = vld1q_s32(tile.bias + channel + 4 * vector);
  for (int64_t pixel = 0; pixel < tile.pixel_count; ++pixel) {
    const int32_t *accumulators = tile.accumulators + pixel * tile.accumulator_stride + channel;
    int32x4_t values[4];
#pragma clang loop unroll(full)
    for (int vector = 0; vector < 4; ++vector)
      values[vector] =
          rescalings[vector](vaddq_s32(vld1q_s32(accumulators + 4 * vector), biases[vector]));
    store_16_bytes(values, range, tile.output + pixel * tile.output_stride + channel);
  }
}

template <typename Rescaling>
static void requantize_4_channels(const RequantizationTile &tile, int32_t channel,
                                  const OutputRange &range) {
  const Rescaling rescaling(tile, channel);
  const int32x4_t bias = vld1q_s32(tile.bias + channel);
  for (int64_t pixel = 0; pixel < tile.pixel_count; ++pixel) {
    const int32_t *accumulators = tile.accumulators + pixel * tile.accumulator_stride + channel;
    const int32x4_t values = rescaling(vaddq_s32(vld1q_s32(accumulators), bias));
    store_bytes<4>(pack_sixteen_bits(values, values, range), range,
                   tile.output + pixel * tile.output_stride + channel);
  }
}

/// Requantizes the channels that fill vectors, and says how many these are.
template <typename Rescaling>
static int32_t requantize_vectors(const RequantizationTile &tile) {
  const OutputRange range =
      make_output_range(tile.output_zero_point, tile.clamp_min, tile.clamp_max, tile.flipped_bits);
  int32_t channel = 0;
  for (; channel + 16 <= tile.channels; channel += 16)
    requantize_16_channels<Rescaling>(tile, channel, range);
  for (; channel + 4 <= tile.channels; channel += 4)
    requantize_4_channels<Rescaling>(tile, channel, range);
  return channel;
}

void requantize_fixed_point(const RequantizationTile &tile) {
  const int32_t done = requantize_vectors<FixedPointRescaling>(tile);
  portable::requantize_fixed_point(tile, done, tile.channels);
}

void requantize_half_away(const RequantizationTile &tile) {
  const int32_t done = requantize_vectors<HalfAwayRescaling>(tile);
  portable::requantize_scaled<portable::rescale_half_away>(tile, done);
}

void requantize_half_even(const RequantizationTile &tile) {
  const int32_t done = requantize_vectors<HalfEvenRescaling>(tile);
  portable::requantize_scaled<portable::rescale_half_even>(tile, done);
}

// MARK: Addition

/// How an operand of an addition comes to the scale of the sum.
struct Operand {
  int16x8_t zero_point;
  bool is_half;
  int32x4_t left_shift;
  Scale scale;

  Operand(int32_t zero_point, int32_t left_shift, int32_t multiplier, int32_t shift)
      : zero_point(vdupq_n_s16(static_cast<int16_t>(zero_point))),
        is_half(ckernels::is_half(left_shift, multiplier, shift)),
        left_shift(vdupq_n_s32(left_shift - is_half)),
        scale(make_scale(vdupq_n_s32(multiplier), vdupq_n_s32(shift))) {}

  /// 4 differences to the zero point, at the scale of the sum.
  int32x4_t rescaled(int16x4_t differences) const {
    const int32x4_t shifted = vshlq_s32(vmovl_s16(differences), left_shift);
    return is_half ? shifted : requantize(shifted, scale);
  }
};

/// The sums of 8 elements, requantized.
static inline int16x8_t sums_of_8(int8x8_t a, int8x8_t b, const Operand &a_operand,
                                  const Operand &b_operand, const Scale &output_scale,
                                  const OutputRange &range) {
  const int16x8_t a_wide = vsubq_s16(vmovl_s8(a), a_operand.zero_point);
  const int16x8_t b_wide = vsubq_s16(vmovl_s8(b), b_operand.zero_point);
  const int32x4_t low =
      vaddq_s32(a_operand.rescaled(vget_low_s16(a_wide)), b_operand.rescaled(vget_low_s16(b_wide)));
  const int32x4_t high = vaddq_s32(a_operand.rescaled(vget_high_s16(a_wide)),
                                   b_operand.rescaled(vget_high_s16(b_wide)));
  return pack_sixteen_bits(requantize(low, output_scale), requantize(high, output_scale), range);
}

void add(const int8_t *a, const int8_t *b, int64_t count, const ck_addition &addition,
         int8_t *output) {
  const Operand a_operand(addition.a_zero_point, addition.left_shift, addition.a_multiplier,
                          addition.a_shift);
  const Operand b_operand(addition.b_zero_point, addition.left_shift, addition.b_multiplier,
                          addition.b_shift);
  const Scale output_scale =
      make_scale(vdupq_n_s32(addition.output_multiplier), vdupq_n_s32(addition.output_shift));
  const OutputRange range =
      make_output_range(addition.output_zero_point, addition.clamp_min, addition.clamp_max, 0);
  int64_t i = 0;
  for (; i + 8 <= count; i += 8)
    store_bytes<8>(
        sums_of_8(vld1_s8(a + i), vld1_s8(b + i), a_operand, b_operand, output_scale, range), range,
        output + i);
  portable::add(a, b, i, count, addition, output);
}

}  // namespace neon
}  // namespace ckernels

#endif
