#pragma once

#include <immintrin.h>

#include "InstructionSet.h"

#define CKERNELS_AVX512_FEATURES "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"
#define CKERNELS_AVX512 __attribute__((target(CKERNELS_AVX512_FEATURES)))
#define CKERNELS_AVX512_INLINE \
  static inline __attribute__((always_inline, target(CKERNELS_AVX512_FEATURES)))

namespace ckernels {
namespace avx512 {

// In AVX512Requantization.cpp, for the table.
void requantize_fixed_point(const RequantizationTile &tile);
void requantize_half_away(const RequantizationTile &tile);
void requantize_half_even(const RequantizationTile &tile);
void add(const int8_t *a, const int8_t *b, int64_t count, const ck_addition &addition,
         int8_t *output);

/// Multiplier and shifts of 16 lanes, with what depends on them alone. `half` is the rounding term
/// of the right shift.
struct Scale {
  __m512i multiplier, odd_multiplier, left, right, half;
};

CKERNELS_AVX512_INLINE Scale make_scale(__m512i multiplier, __m512i shift) {
  const __m512i zero = _mm512_setzero_si512();
  shift = _mm512_min_epi32(_mm512_max_epi32(shift, _mm512_set1_epi32(-31)), _mm512_set1_epi32(31));
  Scale scale;
  scale.multiplier = multiplier;
  scale.odd_multiplier = _mm512_srli_epi64(multiplier, 32);
  scale.left = _mm512_max_epi32(shift, zero);
  scale.right = _mm512_max_epi32(_mm512_sub_epi32(zero, shift), zero);
  scale.half = _mm512_srli_epi32(_mm512_sllv_epi32(_mm512_set1_epi32(1), scale.right), 1);
  return scale;
}

/// Whether `requantize` is exact: −2³¹ · −2³¹, which has to saturate, cannot happen.
CKERNELS_AVX512_INLINE bool is_safe(__m512i multiplier) {
  return _mm512_cmpeq_epi32_mask(multiplier, _mm512_set1_epi32(INT32_MIN)) == 0;
}

/// `requantize` of FixedPoint.h on 16 lanes, the left shift done.
CKERNELS_AVX512_INLINE __m512i requantize_shifted(__m512i value, const Scale &scale) {
  const __m512i half = _mm512_set1_epi64(int64_t{1} << 30);
  const __m512i even = _mm512_add_epi64(_mm512_mul_epi32(value, scale.multiplier), half);
  const __m512i odd =
      _mm512_add_epi64(_mm512_mul_epi32(_mm512_srli_epi64(value, 32), scale.odd_multiplier), half);
  const __m512i high =
      _mm512_mask_blend_epi32(0xAAAA, _mm512_srli_epi64(even, 31), _mm512_slli_epi64(odd, 1));
  // Rounding halves away from zero is symmetric, and magnitudes, as unsigned numbers, have room for
  // the half.
  const __m512i magnitude =
      _mm512_srlv_epi32(_mm512_add_epi32(_mm512_abs_epi32(high), scale.half), scale.right);
  return _mm512_mask_sub_epi32(magnitude, _mm512_movepi32_mask(high), _mm512_setzero_si512(),
                               magnitude);
}

/// Offset (16-bit lanes), range and flipped bits (8-bit lanes) of 8-bit results.
struct OutputRange {
  __m512i zero_point, clamp_min, clamp_max, flipped_bits;
};

CKERNELS_AVX512_INLINE OutputRange make_output_range(int32_t zero_point, int32_t clamp_min,
                                                     int32_t clamp_max, uint8_t flipped_bits) {
  return {_mm512_set1_epi16(static_cast<int16_t>(zero_point)),
          _mm512_set1_epi8(static_cast<int8_t>(clamp_min)),
          _mm512_set1_epi8(static_cast<int8_t>(clamp_max)),
          _mm512_set1_epi8(static_cast<int8_t>(flipped_bits))};
}

/// 64 results of 4 vectors, with zero point, range and flipped bits, in order.
CKERNELS_AVX512_INLINE __m512i pack_eight_bits(const __m512i (&values)[4],
                                               const OutputRange &range) {
  const __m512i low = _mm512_adds_epi16(_mm512_packs_epi32(values[0], values[1]), range.zero_point);
  const __m512i high =
      _mm512_adds_epi16(_mm512_packs_epi32(values[2], values[3]), range.zero_point);
  const __m512i bytes = _mm512_packs_epi16(low, high);
  // Packing works within 128 bits: the four lanes now hold a quarter of each vector.
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  const __m512i sorted = _mm512_permutexvar_epi32(order, bytes);
  const __m512i bounded =
      _mm512_min_epi8(_mm512_max_epi8(sorted, range.clamp_min), range.clamp_max);
  return _mm512_xor_si512(bounded, range.flipped_bits);
}

/// The lowest `count` of 64 lanes: none below 1, all from 64 on.
CKERNELS_AVX512_INLINE __mmask64 first_lanes(int64_t count) {
  if (count <= 0) return 0;
  return count >= 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1;
}

}  // namespace avx512
}  // namespace ckernels
