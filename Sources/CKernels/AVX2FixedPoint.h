#pragma once

#include <immintrin.h>

#include "InstructionSet.h"

/// The fixed-point arithmetic of FixedPoint.h on 8 lanes.
#define CKERNELS_AVX2 __attribute__((target("avx2,fma")))
#define CKERNELS_AVX2_INLINE static inline __attribute__((always_inline, target("avx2,fma")))

namespace ckernels {
namespace avx2 {

/// Multiplier and shifts of 8 lanes, with what depends on them alone.
struct Scale {
  __m256i multiplier, odd_multiplier, left, right, mask, half_mask;
};

CKERNELS_AVX2_INLINE Scale make_scale(__m256i multiplier, __m256i shift) {
  const __m256i zero = _mm256_setzero_si256(), limit = _mm256_set1_epi32(31), one = _mm256_set1_epi32(1);
  Scale scale;
  scale.multiplier = multiplier;
  scale.odd_multiplier = _mm256_srli_epi64(multiplier, 32);
  scale.left = _mm256_min_epi32(_mm256_max_epi32(shift, zero), limit);
  // −32 stands for everything below it, so that the negation cannot overflow.
  scale.right = _mm256_min_epi32(
      _mm256_sub_epi32(zero, _mm256_min_epi32(_mm256_max_epi32(shift, _mm256_set1_epi32(-32)), zero)), limit);
  scale.mask = _mm256_sub_epi32(_mm256_sllv_epi32(one, scale.right), one);
  scale.half_mask = _mm256_srli_epi32(scale.mask, 1);
  return scale;
}

CKERNELS_AVX2_INLINE __m256i requantize(__m256i value, const Scale &scale) {
  value = _mm256_sllv_epi32(value, scale.left);
  const __m256i half = _mm256_set1_epi64x(int64_t{1} << 30);
  const __m256i even = _mm256_add_epi64(_mm256_mul_epi32(value, scale.multiplier), half);
  const __m256i odd = _mm256_add_epi64(_mm256_mul_epi32(_mm256_srli_epi64(value, 32), scale.odd_multiplier), half);
  __m256i high = _mm256_blend_epi32(_mm256_srli_epi64(even, 31), _mm256_slli_epi64(odd, 1), 0xAA);
  // Only −2³¹ · −2³¹ gives −2³¹ here; it saturates, one below.
  high = _mm256_add_epi32(high, _mm256_cmpeq_epi32(high, _mm256_set1_epi32(INT32_MIN)));

  const __m256i remainder = _mm256_and_si256(high, scale.mask);
  const __m256i threshold = _mm256_sub_epi32(scale.half_mask, _mm256_srai_epi32(high, 31));
  return _mm256_sub_epi32(_mm256_srav_epi32(high, scale.right), _mm256_cmpgt_epi32(remainder, threshold));
}

/// Offset and range of 8-bit results.
struct OutputRange {
  __m256i zero_point, clamp_min, clamp_max;
};

CKERNELS_AVX2_INLINE OutputRange make_output_range(int32_t zero_point, int32_t clamp_min, int32_t clamp_max) {
  return {_mm256_set1_epi32(zero_point), _mm256_set1_epi32(clamp_min), _mm256_set1_epi32(clamp_max)};
}

/// Adds the zero point, clamps and stores 8 bytes.
CKERNELS_AVX2_INLINE void store_eight_bits(__m256i value, const OutputRange &range, int8_t *output) {
  value = _mm256_add_epi32(value, range.zero_point);
  value = _mm256_min_epi32(_mm256_max_epi32(value, range.clamp_min), range.clamp_max);
  const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(value), _mm256_extracti128_si256(value, 1));
  _mm_storel_epi64(reinterpret_cast<__m128i *>(output), _mm_packs_epi16(words, words));
}

CKERNELS_AVX2_INLINE __m256i load(const void *address) {
  return _mm256_loadu_si256(static_cast<const __m256i *>(address));
}

}  // namespace avx2
}  // namespace ckernels
