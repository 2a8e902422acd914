#if defined(__x86_64__)

#include "AVX512FixedPoint.h"
#include "FixedPoint.h"
#include "PortableLoops.h"

namespace ckernels {
namespace avx512 {

/// 16 lanes of a 64-bit mask.
CKERNELS_AVX512_INLINE __mmask16 lanes_of_vector(__mmask64 lanes, int vector) {
  return static_cast<__mmask16>(lanes >> (16 * vector));
}

/// Requantizes 16 · `vector_count` channels, as far as the tile has them, from `channel` on. With
/// `reads_whole_vectors` all their accumulators can be read, wanted or not, which saves the masks.
template <int vector_count, bool reads_whole_vectors>
CKERNELS_AVX512 static void requantize_channels(const RequantizationTile &tile, int32_t channel) {
  const OutputRange range =
      make_output_range(tile.output_zero_point, tile.clamp_min, tile.clamp_max, tile.flipped_bits);
  const __mmask64 lanes = first_lanes(tile.channels - channel);
  Scale scales[vector_count];
  __m512i biases[vector_count];
  bool has_left_shift = false;
  for (int vector = 0; vector < vector_count; ++vector) {
    const __mmask16 own = lanes_of_vector(lanes, vector);
    const int32_t first = channel + 16 * vector;
    scales[vector] = make_scale(_mm512_maskz_loadu_epi32(own, tile.multipliers + first),
                                _mm512_maskz_loadu_epi32(own, tile.shifts + first));
    biases[vector] = _mm512_maskz_loadu_epi32(own, tile.bias + first);
    has_left_shift |= _mm512_test_epi32_mask(scales[vector].left, scales[vector].left) != 0;
  }
  for (int64_t pixel = 0; pixel < tile.pixel_count; ++pixel) {
    const int32_t *accumulators = tile.accumulators + pixel * tile.accumulator_stride + channel;
    __m512i values[4] = {};
#pragma clang loop unroll(full)
    for (int vector = 0; vector < vector_count; ++vector) {
      const int32_t *own = accumulators + 16 * vector;
      __m512i sum = reads_whole_vectors
                        ? _mm512_loadu_si512(own)
                        : _mm512_maskz_loadu_epi32(lanes_of_vector(lanes, vector), own);
      sum = _mm512_add_epi32(sum, biases[vector]);
      if (has_left_shift) sum = _mm512_sllv_epi32(sum, scales[vector].left);
      values[vector] = requantize_shifted(sum, scales[vector]);
    }
    _mm512_mask_storeu_epi8(tile.output + pixel * tile.output_stride + channel, lanes,
                            pack_eight_bits(values, range));
  }
}

/// As above for at most 16 channels, four pixels at a time.
template <bool reads_whole_vectors>
CKERNELS_AVX512 static void requantize_narrow_channels(const RequantizationTile &tile,
                                                       int32_t channel) {
  const OutputRange range =
      make_output_range(tile.output_zero_point, tile.clamp_min, tile.clamp_max, tile.flipped_bits);
  const __mmask16 lanes = lanes_of_vector(first_lanes(tile.channels - channel), 0);
  const Scale scale = make_scale(_mm512_maskz_loadu_epi32(lanes, tile.multipliers + channel),
                                 _mm512_maskz_loadu_epi32(lanes, tile.shifts + channel));
  const __m512i bias = _mm512_maskz_loadu_epi32(lanes, tile.bias + channel);
  for (int64_t first = 0; first < tile.pixel_count; first += 4) {
    const int64_t pixels = tile.pixel_count - first < 4 ? tile.pixel_count - first : 4;
    const int32_t *accumulators = tile.accumulators + first * tile.accumulator_stride + channel;
    __m512i values[4] = {};
    for (int64_t pixel = 0; pixel < pixels; ++pixel) {
      const int32_t *own = accumulators + pixel * tile.accumulator_stride;
      const __m512i sum =
          reads_whole_vectors ? _mm512_loadu_si512(own) : _mm512_maskz_loadu_epi32(lanes, own);
      values[pixel] =
          requantize_shifted(_mm512_sllv_epi32(_mm512_add_epi32(sum, bias), scale.left), scale);
    }
    const __m512i bytes = pack_eight_bits(values, range);
    int8_t *output = tile.output + first * tile.output_stride + channel;
    if (tile.output_stride == 16 && lanes == 0xFFFF) {
      _mm512_mask_storeu_epi8(output, first_lanes(16 * pixels), bytes);
      continue;
    }
    alignas(64) int8_t stored[64];
    _mm512_store_si512(stored, bytes);
    for (int64_t pixel = 0; pixel < pixels; ++pixel)
      _mm_mask_storeu_epi8(output + pixel * tile.output_stride, lanes,
                           _mm_load_si128(reinterpret_cast<const __m128i *>(stored) + pixel));
  }
}

template <int vector_count>
static void requantize_channels(const RequantizationTile &tile, int32_t channel) {
  if (vector_count == 1)
    return channel + 16 <= tile.accumulator_stride
               ? requantize_narrow_channels<true>(tile, channel)
               : requantize_narrow_channels<false>(tile, channel);
  if (channel + 16 * vector_count <= tile.accumulator_stride)
    requantize_channels<vector_count, true>(tile, channel);
  else
    requantize_channels<vector_count, false>(tile, channel);
}

CKERNELS_AVX512 static bool are_safe(const int32_t *multipliers, int32_t count) {
  bool safe = true;
  for (int32_t i = 0; i < count; i += 16) {
    const __mmask16 lanes = lanes_of_vector(first_lanes(count - i), 0);
    safe &= is_safe(_mm512_maskz_loadu_epi32(lanes, multipliers + i));
  }
  return safe;
}

CKERNELS_AVX512 void requantize_fixed_point(const RequantizationTile &tile) {
  if (!are_safe(tile.multipliers, tile.channels)) {
    portable::requantize_fixed_point(tile, 0, tile.channels);
    return;
  }
  constexpr void (*by_vector_count[])(const RequantizationTile &, int32_t) = {
      requantize_channels<1>, requantize_channels<2>, requantize_channels<3>,
      requantize_channels<4>};
  for (int32_t channel = 0; channel < tile.channels; channel += 64) {
    const int32_t vectors = (tile.channels - channel + 15) / 16;
    by_vector_count[(vectors < 4 ? vectors : 4) - 1](tile, channel);
  }
}

/// `round_half_away(sum · scale)` of PortableLoops.h on 8 lanes.
CKERNELS_AVX512_INLINE __m256i rescale_half_away(__m256i sum, __m512d scale) {
  const __m512d value = _mm512_mul_pd(_mm512_cvtepi32_pd(sum), scale);
  // Of a NaN and a bound, this gives the bound.
  const __m512d raised = _mm512_max_pd(value, _mm512_set1_pd(INT32_MIN));
  const __m512d bounded = _mm512_min_pd(raised, _mm512_set1_pd(INT32_MAX));
  const __m256i whole = _mm512_cvttpd_epi32(bounded), one = _mm256_set1_epi32(1);
  const __m512d rest = _mm512_sub_pd(bounded, _mm512_cvtepi32_pd(whole));
  const __mmask8 above = _mm512_cmp_pd_mask(rest, _mm512_set1_pd(0.5), _CMP_GE_OQ);
  const __mmask8 below = _mm512_cmp_pd_mask(rest, _mm512_set1_pd(-0.5), _CMP_LE_OQ);
  return _mm256_mask_sub_epi32(_mm256_mask_add_epi32(whole, above, whole, one), below, whole, one);
}

CKERNELS_AVX512_INLINE __m512i rescale_half_away(__m512i sums, const double *scales,
                                                 __mmask16 lanes) {
  const __m512d low = _mm512_maskz_loadu_pd(static_cast<__mmask8>(lanes), scales);
  const __m512d high = _mm512_maskz_loadu_pd(static_cast<__mmask8>(lanes >> 8), scales + 8);
  return _mm512_inserti64x4(
      _mm512_castsi256_si512(rescale_half_away(_mm512_castsi512_si256(sums), low)),
      rescale_half_away(_mm512_extracti64x4_epi64(sums, 1), high), 1);
}

CKERNELS_AVX512 void requantize_half_away(const RequantizationTile &tile) {
  const OutputRange range =
      make_output_range(tile.output_zero_point, tile.clamp_min, tile.clamp_max, tile.flipped_bits);
  for (int32_t channel = 0; channel < tile.channels; channel += 64) {
    const __mmask64 lanes = first_lanes(tile.channels - channel);
    for (int64_t pixel = 0; pixel < tile.pixel_count; ++pixel) {
      const int32_t *accumulators = tile.accumulators + pixel * tile.accumulator_stride + channel;
      __m512i values[4] = {};
      for (int vector = 0; vector < 4 && channel + 16 * vector < tile.channels; ++vector) {
        const __mmask16 own = lanes_of_vector(lanes, vector);
        const int32_t first = 16 * vector;
        const __m512i sums = _mm512_add_epi32(_mm512_maskz_loadu_epi32(own, accumulators + first),
                                              _mm512_maskz_loadu_epi32(own, tile.bias + channel + first));
        values[vector] = rescale_half_away(sums, tile.scales + channel + first, own);
      }
      _mm512_mask_storeu_epi8(tile.output + pixel * tile.output_stride + channel, lanes,
                              pack_eight_bits(values, range));
    }
  }
}

/// The factors of 16 channels in single precision, those in no lane 0.
CKERNELS_AVX512_INLINE __m512 load_single_scales(const double *scales, __mmask16 lanes) {
  const __m512d low = _mm512_maskz_loadu_pd(static_cast<__mmask8>(lanes), scales);
  const __m512d high = _mm512_maskz_loadu_pd(static_cast<__mmask8>(lanes >> 8), scales + 8);
  return _mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps(low)), _mm512_cvtpd_ps(high), 1);
}

/// `rescale_half_even` of PortableLoops.h on 16 lanes.
CKERNELS_AVX512_INLINE __m512i rescale_half_even(__m512i sums, __m512 scales) {
  constexpr float lowest = -2147483648.0f, highest = 2147483520.0f;
  const __m512 value = _mm512_mul_ps(_mm512_cvtepi32_ps(sums), scales);
  // Of a NaN and a bound, this gives the bound.
  const __m512 raised = _mm512_max_ps(value, _mm512_set1_ps(lowest));
  // Conversions round halves to even by themselves.
  return _mm512_cvtps_epi32(_mm512_min_ps(raised, _mm512_set1_ps(highest)));
}

CKERNELS_AVX512 void requantize_half_even(const RequantizationTile &tile) {
  const OutputRange range =
      make_output_range(tile.output_zero_point, tile.clamp_min, tile.clamp_max, tile.flipped_bits);
  for (int32_t channel = 0; channel < tile.channels; channel += 64) {
    const __mmask64 lanes = first_lanes(tile.channels - channel);
    __m512 scales[4];
    __m512i biases[4];
    for (int vector = 0; vector < 4; ++vector) {
      const __mmask16 own = lanes_of_vector(lanes, vector);
      scales[vector] = load_single_scales(tile.scales + channel + 16 * vector, own);
      biases[vector] = _mm512_maskz_loadu_epi32(own, tile.bias + channel + 16 * vector);
    }
    for (int64_t pixel = 0; pixel < tile.pixel_count; ++pixel) {
      const int32_t *accumulators = tile.accumulators + pixel * tile.accumulator_stride + channel;
      __m512i values[4] = {};
      for (int vector = 0; vector < 4 && channel + 16 * vector < tile.channels; ++vector) {
        const __m512i sums = _mm512_maskz_loadu_epi32(lanes_of_vector(lanes, vector),
                                                      accumulators + 16 * vector);
        values[vector] =
            rescale_half_even(_mm512_add_epi32(sums, biases[vector]), scales[vector]);
      }
      _mm512_mask_storeu_epi8(tile.output + pixel * tile.output_stride + channel, lanes,
                              pack_eight_bits(values, range));
    }
  }
}

// MARK: Addition

CKERNELS_AVX512_INLINE Scale broadcast_scale(int32_t multiplier, int32_t shift) {
  return make_scale(_mm512_set1_epi32(multiplier), _mm512_set1_epi32(shift));
}

CKERNELS_AVX512_INLINE __m512i requantize(__m512i value, const Scale &scale) {
  return requantize_shifted(_mm512_sllv_epi32(value, scale.left), scale);
}

/// How an operand of an addition comes to the scale of the sum.
struct Operand {
  __m512i zero_point;
  __m128i left_shift;
  bool is_half;
  Scale scale;
};

CKERNELS_AVX512_INLINE Operand make_operand(int32_t zero_point, int32_t left_shift,
                                            int32_t multiplier, int32_t shift) {
  const bool is_half = ckernels::is_half(left_shift, multiplier, shift);
  return {_mm512_set1_epi32(zero_point), _mm_cvtsi32_si128(left_shift - is_half), is_half,
          broadcast_scale(multiplier, shift)};
}

CKERNELS_AVX512_INLINE __m512i rescaled(const int8_t *input, const Operand &operand) {
  const __m512i value = _mm512_cvtepi8_epi32(_mm_loadu_epi8(input));
  const __m512i shifted =
      _mm512_sll_epi32(_mm512_sub_epi32(value, operand.zero_point), operand.left_shift);
  return operand.is_half ? shifted : requantize(shifted, operand.scale);
}

CKERNELS_AVX512 void add(const int8_t *a, const int8_t *b, int64_t count,
                         const ck_addition &addition, int8_t *output) {
  const Operand a_operand = make_operand(addition.a_zero_point, addition.left_shift,
                                         addition.a_multiplier, addition.a_shift);
  const Operand b_operand = make_operand(addition.b_zero_point, addition.left_shift,
                                         addition.b_multiplier, addition.b_shift);
  const Scale output_scale = broadcast_scale(addition.output_multiplier, addition.output_shift);
  if (!is_safe(a_operand.scale.multiplier) || !is_safe(b_operand.scale.multiplier) ||
      !is_safe(output_scale.multiplier)) {
    portable::add(a, b, 0, count, addition, output);
    return;
  }
  const OutputRange range =
      make_output_range(addition.output_zero_point, addition.clamp_min, addition.clamp_max, 0);
  int64_t i = 0;
  for (; i + 64 <= count; i += 64) {
    __m512i values[4];
#pragma clang loop unroll(full)
    for (int vector = 0; vector < 4; ++vector) {
      const int64_t first = i + 16 * vector;
      const __m512i sum =
          _mm512_add_epi32(rescaled(a + first, a_operand), rescaled(b + first, b_operand));
      values[vector] = requantize(sum, output_scale);
    }
    _mm512_storeu_epi8(output + i, pack_eight_bits(values, range));
  }
  portable::add(a, b, i, count, addition, output);
}

}  // namespace avx512
}  // namespace ckernels

#endif
