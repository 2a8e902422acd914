#if defined(__x86_64__)

#include "AVX2FixedPoint.h"
#include "FixedPoint.h"
#include "PortableLoops.h"

namespace ckernels {
namespace avx2 {

/// The sums of 8 channels of one pixel, requantized.
CKERNELS_AVX2_INLINE __m256i requantized(const int32_t *accumulators, __m256i bias,
                                         const Scale &scale) {
  return requantize(_mm256_add_epi32(load(accumulators), bias), scale);
}

CKERNELS_AVX2_INLINE Scale load_scale(const RequantizationTile &tile, int32_t channel) {
  return make_scale(load(tile.multipliers + channel), load(tile.shifts + channel));
}

CKERNELS_AVX2_INLINE void requantize_32_channels(const RequantizationTile &tile, int32_t channel,
                                                 const OutputRange &range) {
  Scale scales[4];
  __m256i biases[4];
  for (int vector = 0; vector < 4; ++vector) {
    scales[vector] = load_scale(tile, channel + 8 * vector);
    biases[vector] = load(tile.bias + channel + 8 * vector);
  }
  for (int64_t pixel = 0; pixel < tile.pixel_count; ++pixel) {
    const int32_t *accumulators = tile.accumulators + pixel * tile.accumulator_stride + channel;
    __m256i values[4];
#pragma clang loop unroll(full)
    for (int vector = 0; vector < 4; ++vector)
      values[vector] = requantized(accumulators + 8 * vector, biases[vector], scales[vector]);
    store_32_bytes(values, range, tile.output + pixel * tile.output_stride + channel);
  }
}

CKERNELS_AVX2_INLINE void requantize_8_channels(const RequantizationTile &tile, int32_t channel,
                                                const OutputRange &range) {
  const Scale scale = load_scale(tile, channel);
  const __m256i bias = load(tile.bias + channel);
  for (int64_t pixel = 0; pixel < tile.pixel_count; ++pixel) {
    const int32_t *accumulators = tile.accumulators + pixel * tile.accumulator_stride + channel;
    store_8_bytes(requantized(accumulators, bias, scale), range,
                  tile.output + pixel * tile.output_stride + channel);
  }
}

CKERNELS_AVX2 static bool are_safe(const int32_t *multipliers, int32_t count) {
  bool safe = true;
  for (int32_t i = 0; i < count; ++i) safe &= multipliers[i] != INT32_MIN;
  return safe;
}

CKERNELS_AVX2 void requantize_fixed_point(const RequantizationTile &tile) {
  const OutputRange range =
      make_output_range(tile.output_zero_point, tile.clamp_min, tile.clamp_max, tile.flipped_bits);
  const int32_t vector_channels = are_safe(tile.multipliers, tile.channels) ? tile.channels : 0;
  int32_t channel = 0;
  for (; channel + 32 <= vector_channels; channel += 32)
    requantize_32_channels(tile, channel, range);
  for (; channel + 8 <= vector_channels; channel += 8) requantize_8_channels(tile, channel, range);
  portable::requantize_fixed_point(tile, channel, tile.channels);
}

CKERNELS_AVX2 void requantize_half_away(const RequantizationTile &tile) {
  portable::requantize_scaled<portable::rescale_half_away>(tile);
}

/// The factors of 8 channels in single precision.
CKERNELS_AVX2_INLINE __m256 load_single_scales(const double *scales) {
  return _mm256_set_m128(_mm256_cvtpd_ps(_mm256_loadu_pd(scales + 4)),
                         _mm256_cvtpd_ps(_mm256_loadu_pd(scales)));
}

/// `rescale_half_even` of PortableLoops.h on 8 lanes.
CKERNELS_AVX2_INLINE __m256i rescale_half_even(__m256i sums, __m256 scales) {
  constexpr float lowest = -2147483648.0f, highest = 2147483520.0f;
  const __m256 value = _mm256_mul_ps(_mm256_cvtepi32_ps(sums), scales);
  // Of a NaN and a bound, this gives the bound.
  const __m256 raised = _mm256_max_ps(value, _mm256_set1_ps(lowest));
  // Conversions round halves to even by themselves.
  return _mm256_cvtps_epi32(_mm256_min_ps(raised, _mm256_set1_ps(highest)));
}

CKERNELS_AVX2_INLINE void requantize_32_channels_half_even(const RequantizationTile &tile,
                                                           int32_t channel,
                                                           const OutputRange &range) {
  __m256 scales[4];
  __m256i biases[4];
  for (int vector = 0; vector < 4; ++vector) {
    scales[vector] = load_single_scales(tile.scales + channel + 8 * vector);
    biases[vector] = load(tile.bias + channel + 8 * vector);
  }
  for (int64_t pixel = 0; pixel < tile.pixel_count; ++pixel) {
    const int32_t *accumulators = tile.accumulators + pixel * tile.accumulator_stride + channel;
    __m256i values[4];
#pragma clang loop unroll(full)
    for (int vector = 0; vector < 4; ++vector) {
      const __m256i sums = _mm256_add_epi32(load(accumulators + 8 * vector), biases[vector]);
      values[vector] = rescale_half_even(sums, scales[vector]);
    }
    store_32_bytes(values, range, tile.output + pixel * tile.output_stride + channel);
  }
}

CKERNELS_AVX2_INLINE void requantize_8_channels_half_even(const RequantizationTile &tile,
                                                          int32_t channel,
                                                          const OutputRange &range) {
  const __m256 scales = load_single_scales(tile.scales + channel);
  const __m256i bias = load(tile.bias + channel);
  for (int64_t pixel = 0; pixel < tile.pixel_count; ++pixel) {
    const int32_t *accumulators = tile.accumulators + pixel * tile.accumulator_stride + channel;
    const __m256i sums = _mm256_add_epi32(load(accumulators), bias);
    store_8_bytes(rescale_half_even(sums, scales), range,
                  tile.output + pixel * tile.output_stride + channel);
  }
}

CKERNELS_AVX2 void requantize_half_even(const RequantizationTile &tile) {
  const OutputRange range =
      make_output_range(tile.output_zero_point, tile.clamp_min, tile.clamp_max, tile.flipped_bits);
  int32_t channel = 0;
  for (; channel + 32 <= tile.channels; channel += 32)
    requantize_32_channels_half_even(tile, channel, range);
  for (; channel + 8 <= tile.channels; channel += 8)
    requantize_8_channels_half_even(tile, channel, range);
  portable::requantize_scaled<portable::rescale_half_even>(tile, channel);
}

// MARK: Addition

CKERNELS_AVX2_INLINE Scale broadcast_scale(int32_t multiplier, int32_t shift) {
  return make_scale(_mm256_set1_epi32(multiplier), _mm256_set1_epi32(shift));
}

/// How an operand of an addition comes to the scale of the sum.
struct Operand {
  __m256i zero_point;
  __m128i left_shift;
  bool is_half;
  Scale scale;
};

CKERNELS_AVX2_INLINE Operand make_operand(int32_t zero_point, int32_t left_shift,
                                          int32_t multiplier, int32_t shift) {
  const bool is_half = ckernels::is_half(left_shift, multiplier, shift);
  return {_mm256_set1_epi32(zero_point), _mm_cvtsi32_si128(left_shift - is_half), is_half,
          broadcast_scale(multiplier, shift)};
}

CKERNELS_AVX2_INLINE __m256i rescaled(const int8_t *input, const Operand &operand) {
  const __m256i value =
      _mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i *>(input)));
  const __m256i shifted =
      _mm256_sll_epi32(_mm256_sub_epi32(value, operand.zero_point), operand.left_shift);
  return operand.is_half ? shifted : requantize(shifted, operand.scale);
}

CKERNELS_AVX2 void add(const int8_t *a, const int8_t *b, int64_t count, const ck_addition &addition,
                       int8_t *output) {
  const Operand a_operand = make_operand(addition.a_zero_point, addition.left_shift,
                                         addition.a_multiplier, addition.a_shift);
  const Operand b_operand = make_operand(addition.b_zero_point, addition.left_shift,
                                         addition.b_multiplier, addition.b_shift);
  const Scale output_scale = broadcast_scale(addition.output_multiplier, addition.output_shift);
  const OutputRange range =
      make_output_range(addition.output_zero_point, addition.clamp_min, addition.clamp_max, 0);
  const int32_t multipliers[] = {addition.a_multiplier, addition.b_multiplier,
                                 addition.output_multiplier};
  const int64_t vector_count = are_safe(multipliers, 3) ? count : 0;
  int64_t i = 0;
  for (; i + 32 <= vector_count; i += 32) {
    __m256i values[4];
    for (int vector = 0; vector < 4; ++vector) {
      const int64_t first = i + 8 * vector;
      const __m256i sum =
          _mm256_add_epi32(rescaled(a + first, a_operand), rescaled(b + first, b_operand));
      values[vector] = requantize(sum, output_scale);
    }
    store_32_bytes(values, range, output + i);
  }
  portable::add(a, b, i, count, addition, output);
}

}  // namespace avx2
}  // namespace ckernels

#endif
