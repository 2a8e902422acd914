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

template <int vector_count>
static void requantize_channels(const RequantizationTile &tile, int32_t channel) {
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

CKERNELS_AVX512 void requantize_half_away(const RequantizationTile &tile) {
  portable::requantize_scaled<portable::rescale_half_away>(tile);
}

CKERNELS_AVX512 void requantize_half_even(const RequantizationTile &tile) {
  portable::requantize_scaled<portable::rescale_half_even>(tile);
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
