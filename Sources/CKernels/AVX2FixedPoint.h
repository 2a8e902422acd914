#pragma once

#include <immintrin.h>

#include "InstructionSet.h"

#define CKERNELS_AVX2 __attribute__((target("avx2,fma")))
#define CKERNELS_AVX2_INLINE static inline __attribute__((always_inline, target("avx2,fma")))

namespace ckernels {
namespace avx2 {

// In AVX2Requantization.cpp, for the table.
void requantize_fixed_point(const RequantizationTile &tile);
void requantize_half_away(const RequantizationTile &tile);
void requantize_half_even(const RequantizationTile &tile);
void add(const int8_t *a, const int8_t *b, int64_t count, const ck_addition &addition,
         int8_t *output);

/// Multiplier and shifts of 8 lanes, with what depends on them alone. `half` is the rounding term
/// of the right shift.
struct Scale {
  __m256i multiplier, odd_multiplier, left, right, half;
};

CKERNELS_AVX2_INLINE Scale make_scale(__m256i multiplier, __m256i shift) {
  const __m256i zero = _mm256_setzero_si256();
  Scale scale;
  scale.multiplier = multiplier;
  scale.odd_multiplier = _mm256_srli_epi64(multiplier, 32);
  const __m256i limited =
      _mm256_min_epi32(_mm256_max_epi32(shift, _mm256_set1_epi32(-31)), _mm256_set1_epi32(31));
  scale.left = _mm256_max_epi32(limited, zero);
  scale.right = _mm256_max_epi32(_mm256_sub_epi32(zero, limited), zero);
  scale.half = _mm256_srli_epi32(_mm256_sllv_epi32(_mm256_set1_epi32(1), scale.right), 1);
  return scale;
}

/// `requantize` of FixedPoint.h on 8 lanes, but without saturation: no multiplier may be −2³¹.
CKERNELS_AVX2_INLINE __m256i requantize(__m256i value, const Scale &scale) {
  value = _mm256_sllv_epi32(value, scale.left);
  const __m256i half = _mm256_set1_epi64x(int64_t{1} << 30);
  const __m256i even = _mm256_add_epi64(_mm256_mul_epi32(value, scale.multiplier), half);
  const __m256i odd =
      _mm256_add_epi64(_mm256_mul_epi32(_mm256_srli_epi64(value, 32), scale.odd_multiplier), half);
  const __m256i high =
      _mm256_blend_epi32(_mm256_srli_epi64(even, 31), _mm256_slli_epi64(odd, 1), 0xAA);
  // Rounding halves away from zero is symmetric, and magnitudes, as unsigned numbers, have room for
  // the half.
  const __m256i magnitude = _mm256_add_epi32(_mm256_abs_epi32(high), scale.half);
  return _mm256_sign_epi32(_mm256_srlv_epi32(magnitude, scale.right), high);
}

/// Offset (16-bit lanes), range and flipped bits (8-bit lanes) of 8-bit results.
struct OutputRange {
  __m256i zero_point, clamp_min, clamp_max, flipped_bits;
};

CKERNELS_AVX2_INLINE OutputRange make_output_range(int32_t zero_point, int32_t clamp_min,
                                                   int32_t clamp_max, uint8_t flipped_bits) {
  return {_mm256_set1_epi16(static_cast<int16_t>(zero_point)),
          _mm256_set1_epi8(static_cast<int8_t>(clamp_min)),
          _mm256_set1_epi8(static_cast<int8_t>(clamp_max)),
          _mm256_set1_epi8(static_cast<int8_t>(flipped_bits))};
}

/// 32 results of 4 vectors, with zero point, range and flipped bits, in order.
CKERNELS_AVX2_INLINE __m256i pack_eight_bits(const __m256i (&values)[4], const OutputRange &range) {
  const __m256i low = _mm256_adds_epi16(_mm256_packs_epi32(values[0], values[1]), range.zero_point);
  const __m256i high =
      _mm256_adds_epi16(_mm256_packs_epi32(values[2], values[3]), range.zero_point);
  const __m256i bytes = _mm256_packs_epi16(low, high);
  // Packing works within 128 bits: the two lanes now hold a half of each vector.
  const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  const __m256i sorted = _mm256_permutevar8x32_epi32(bytes, order);
  const __m256i bounded =
      _mm256_min_epi8(_mm256_max_epi8(sorted, range.clamp_min), range.clamp_max);
  return _mm256_xor_si256(bounded, range.flipped_bits);
}

CKERNELS_AVX2_INLINE void store_32_bytes(const __m256i (&values)[4], const OutputRange &range,
                                         int8_t *output) {
  _mm256_storeu_si256(reinterpret_cast<__m256i *>(output), pack_eight_bits(values, range));
}

CKERNELS_AVX2_INLINE void store_8_bytes(__m256i value, const OutputRange &range, int8_t *output) {
  const __m256i bytes = pack_eight_bits({value, value, value, value}, range);
  _mm_storel_epi64(reinterpret_cast<__m128i *>(output), _mm256_castsi256_si128(bytes));
}

CKERNELS_AVX2_INLINE __m256i load(const void *address) {
  return _mm256_loadu_si256(static_cast<const __m256i *>(address));
}

}  // namespace avx2
}  // namespace ckernels
