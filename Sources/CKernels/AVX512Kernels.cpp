#if defined(__x86_64__)

#include <immintrin.h>

#include "PortableLoops.h"

#define CKERNELS_AVX512_FEATURES "avx2,fma,avx512f,avx512bw,avx512vl,avx512vnni"
#define CKERNELS_AVX512 __attribute__((target(CKERNELS_AVX512_FEATURES)))
#define CKERNELS_AVX512_INLINE static inline __attribute__((always_inline, target(CKERNELS_AVX512_FEATURES)))

namespace ckernels {
namespace avx512 {

// MARK: Dense tiles

/// What one lane of a tile is: its products, and the type of its sum.
struct Pairs16 {
  using Sum = int32_t;

  CKERNELS_AVX512_INLINE __m512i multiply_add(__m512i sum, __m512i group, __m512i weights) {
    return _mm512_dpwssd_epi32(sum, group, weights);
  }
};

struct Quads8 {
  using Sum = int32_t;

  CKERNELS_AVX512_INLINE __m512i multiply_add(__m512i sum, __m512i group, __m512i weights) {
    return _mm512_dpbusd_epi32(sum, group, weights);
  }
};

struct Float32 {
  using Sum = float;

  CKERNELS_AVX512_INLINE __m512i multiply_add(__m512i sum, __m512i group, __m512i weights) {
    return _mm512_castps_si512(
        _mm512_fmadd_ps(_mm512_castsi512_ps(group), _mm512_castsi512_ps(weights), _mm512_castsi512_ps(sum)));
  }
};

CKERNELS_AVX512_INLINE __m512i broadcast_group(const uint8_t *address) {
  int32_t group;
  __builtin_memcpy(&group, address, sizeof group);
  return _mm512_set1_epi32(group);
}

/// A tile of known size, whose accumulators, at most 6 · 4, stay in registers.
template <typename Element, int pixel_count, int panel_count>
CKERNELS_AVX512 static void dense_tile(const DenseTile &tile, typename Element::Sum *accumulators) {
  __m512i sums[pixel_count][panel_count] = {};
  const uint8_t *pixels[pixel_count];
  for (int pixel = 0; pixel < pixel_count; ++pixel) pixels[pixel] = tile.pixels[pixel];
  const uint8_t *panels[panel_count];
  for (int panel = 0; panel < panel_count; ++panel) panels[panel] = tile.weights + panel * tile.panel_stride;

  for (int64_t run = 0; run < tile.runs; ++run) {
    for (int64_t offset = 0; offset < tile.groups * group_bytes; offset += group_bytes) {
      __m512i weights[panel_count];
#pragma clang loop unroll(full)
      for (int panel = 0; panel < panel_count; ++panel) {
        weights[panel] = _mm512_load_si512(panels[panel]);
        panels[panel] += panel_group_bytes;
      }
#pragma clang loop unroll(full)
      for (int pixel = 0; pixel < pixel_count; ++pixel) {
        const __m512i group = broadcast_group(pixels[pixel] + offset);
#pragma clang loop unroll(full)
        for (int panel = 0; panel < panel_count; ++panel)
          sums[pixel][panel] = Element::multiply_add(sums[pixel][panel], group, weights[panel]);
      }
    }
    for (int pixel = 0; pixel < pixel_count; ++pixel) pixels[pixel] += tile.run_stride;
  }
  for (int pixel = 0; pixel < pixel_count; ++pixel)
    for (int panel = 0; panel < panel_count; ++panel)
      _mm512_storeu_si512(accumulators + pixel * tile_channels + panel * panel_channels, sums[pixel][panel]);
}

template <typename Element, int panel_count>
static void dense_panels(const DenseTile &tile, typename Element::Sum *accumulators) {
  constexpr void (*by_pixel_count[])(const DenseTile &, typename Element::Sum *) = {
      dense_tile<Element, 1, panel_count>, dense_tile<Element, 2, panel_count>, dense_tile<Element, 3, panel_count>,
      dense_tile<Element, 4, panel_count>, dense_tile<Element, 5, panel_count>, dense_tile<Element, 6, panel_count>};
  by_pixel_count[tile.pixel_count - 1](tile, accumulators);
}

template <typename Element>
static void dense(const DenseTile &tile, typename Element::Sum *accumulators) {
  constexpr void (*by_panel_count[])(const DenseTile &, typename Element::Sum *) = {
      dense_panels<Element, 1>, dense_panels<Element, 2>, dense_panels<Element, 3>, dense_panels<Element, 4>};
  by_panel_count[tile.panel_count - 1](tile, accumulators);
}

// MARK: Depthwise tiles

/// As on AVX2, with multiplication and addition in one instruction.
CKERNELS_AVX512 static void depthwise_pairs16(const DepthwiseTile &tile, int32_t *accumulators) {
  for (int32_t panel = 0; panel < tile.panel_count; ++panel) {
    for (int32_t pixel = 0; pixel < tile.pixel_count; ++pixel) {
      const uint8_t *activations = tile.pixels[pixel] + panel * panel_channels * int64_t{sizeof(int16_t)};
      const uint8_t *weights = tile.weights + panel * tile.panel_stride;
      __m256i low = _mm256_setzero_si256(), high = _mm256_setzero_si256();
      for (int64_t tap = 0; tap < tile.taps; tap += 2, weights += panel_group_bytes) {
        const __m256i first = _mm256_loadu_epi16(activations + tile.tap_offsets[tap]);
        const __m256i second = _mm256_loadu_epi16(activations + tile.tap_offsets[tap + 1]);
        low = _mm256_dpwssd_epi32(low, _mm256_unpacklo_epi16(first, second), _mm256_loadu_epi16(weights));
        high = _mm256_dpwssd_epi32(high, _mm256_unpackhi_epi16(first, second),
                                   _mm256_loadu_epi16(weights + panel_group_bytes / 2));
      }
      int32_t *out = accumulators + pixel * tile_channels + panel * panel_channels;
      _mm256_storeu_epi32(out, _mm256_permute2x128_si256(low, high, 0x20));
      _mm256_storeu_epi32(out + 8, _mm256_permute2x128_si256(low, high, 0x31));
    }
  }
}

CKERNELS_AVX512 static void depthwise_float32(const DepthwiseTile &tile, float *accumulators) {
  for (int32_t panel = 0; panel < tile.panel_count; ++panel) {
    for (int32_t pixel = 0; pixel < tile.pixel_count; ++pixel) {
      const uint8_t *activations = tile.pixels[pixel] + panel * panel_channels * int64_t{sizeof(float)};
      const uint8_t *weights = tile.weights + panel * tile.panel_stride;
      __m512 sum = _mm512_setzero_ps();
      for (int64_t tap = 0; tap < tile.taps; ++tap, weights += panel_group_bytes)
        sum = _mm512_fmadd_ps(_mm512_loadu_ps(activations + tile.tap_offsets[tap]), _mm512_loadu_ps(weights), sum);
      _mm512_storeu_ps(accumulators + pixel * tile_channels + panel * panel_channels, sum);
    }
  }
}

// MARK: Fixed point, on 16 lanes

/// Multiplier and shifts of 16 lanes, with what depends on them alone.
struct Scale {
  __m512i multiplier, odd_multiplier, left, right, mask, half_mask;
};

CKERNELS_AVX512_INLINE Scale make_scale(__m512i multiplier, __m512i shift) {
  const __m512i zero = _mm512_setzero_si512(), one = _mm512_set1_epi32(1);
  shift = _mm512_min_epi32(_mm512_max_epi32(shift, _mm512_set1_epi32(-31)), _mm512_set1_epi32(31));
  Scale scale;
  scale.multiplier = multiplier;
  scale.odd_multiplier = _mm512_srli_epi64(multiplier, 32);
  scale.left = _mm512_max_epi32(shift, zero);
  scale.right = _mm512_max_epi32(_mm512_sub_epi32(zero, shift), zero);
  scale.mask = _mm512_sub_epi32(_mm512_sllv_epi32(one, scale.right), one);
  scale.half_mask = _mm512_srli_epi32(scale.mask, 1);
  return scale;
}

CKERNELS_AVX512_INLINE Scale broadcast_scale(int32_t multiplier, int32_t shift) {
  return make_scale(_mm512_set1_epi32(multiplier), _mm512_set1_epi32(shift));
}

CKERNELS_AVX512_INLINE __m512i requantize(__m512i value, const Scale &scale) {
  value = _mm512_sllv_epi32(value, scale.left);
  const __m512i half = _mm512_set1_epi64(int64_t{1} << 30);
  const __m512i even = _mm512_add_epi64(_mm512_mul_epi32(value, scale.multiplier), half);
  const __m512i odd = _mm512_add_epi64(_mm512_mul_epi32(_mm512_srli_epi64(value, 32), scale.odd_multiplier), half);
  __m512i high = _mm512_mask_blend_epi32(0xAAAA, _mm512_srli_epi64(even, 31), _mm512_slli_epi64(odd, 1));
  const __m512i one = _mm512_set1_epi32(1);
  // Only −2³¹ · −2³¹ gives −2³¹ here; it saturates, one below.
  high = _mm512_mask_sub_epi32(high, _mm512_cmpeq_epi32_mask(high, _mm512_set1_epi32(INT32_MIN)), high, one);

  const __m512i remainder = _mm512_and_si512(high, scale.mask);
  const __m512i threshold = _mm512_sub_epi32(scale.half_mask, _mm512_srai_epi32(high, 31));
  const __m512i floor = _mm512_srav_epi32(high, scale.right);
  return _mm512_mask_add_epi32(floor, _mm512_cmpgt_epi32_mask(remainder, threshold), floor, one);
}

/// Offset and range of 8-bit results.
struct OutputRange {
  __m512i zero_point, clamp_min, clamp_max;
};

/// Adds the zero point, clamps and stores the bytes that `lanes` names.
CKERNELS_AVX512_INLINE void store_eight_bits(__m512i value, const OutputRange &range, __mmask16 lanes,
                                             int8_t *output) {
  value = _mm512_add_epi32(value, range.zero_point);
  value = _mm512_min_epi32(_mm512_max_epi32(value, range.clamp_min), range.clamp_max);
  _mm512_mask_cvtepi32_storeu_epi8(output, lanes, value);
}

/// The lowest `count` lanes, all of them from 16 on.
CKERNELS_AVX512_INLINE __mmask16 first_lanes(int64_t count) {
  return static_cast<__mmask16>(count >= 16 ? 0xFFFF : (1 << count) - 1);
}

// MARK: Element by element

CKERNELS_AVX512 static void requantize_tile(const RequantizationTile &tile) {
  const OutputRange range = {_mm512_set1_epi32(tile.output_zero_point), _mm512_set1_epi32(tile.clamp_min),
                             _mm512_set1_epi32(tile.clamp_max)};
  for (int32_t channel = 0; channel < tile.channels; channel += 16) {
    const __mmask16 lanes = first_lanes(tile.channels - channel);
    const Scale scale = make_scale(_mm512_maskz_loadu_epi32(lanes, tile.multipliers + channel),
                                   _mm512_maskz_loadu_epi32(lanes, tile.shifts + channel));
    const __m512i bias = _mm512_maskz_loadu_epi32(lanes, tile.bias + channel);
    for (int64_t pixel = 0; pixel < tile.pixel_count; ++pixel) {
      const int32_t *accumulators = tile.accumulators + pixel * tile.accumulator_stride + channel;
      const __m512i sum = _mm512_add_epi32(_mm512_maskz_loadu_epi32(lanes, accumulators), bias);
      store_eight_bits(requantize(sum, scale), range, lanes, tile.output + pixel * tile.output_stride + channel);
    }
  }
}

/// One operand of an addition, at the scale of the sum.
CKERNELS_AVX512_INLINE __m512i rescaled_operand(const int8_t *input, __mmask16 lanes, __m512i zero_point,
                                                __m128i left_shift, const Scale &scale) {
  const __m512i value = _mm512_cvtepi8_epi32(_mm_maskz_loadu_epi8(lanes, input));
  return requantize(_mm512_sll_epi32(_mm512_sub_epi32(value, zero_point), left_shift), scale);
}

CKERNELS_AVX512 static void add(const int8_t *a, const int8_t *b, int64_t count, const ck_addition &addition,
                                int8_t *output) {
  const Scale a_scale = broadcast_scale(addition.a_multiplier, addition.a_shift);
  const Scale b_scale = broadcast_scale(addition.b_multiplier, addition.b_shift);
  const Scale output_scale = broadcast_scale(addition.output_multiplier, addition.output_shift);
  const __m512i a_zero_point = _mm512_set1_epi32(addition.a_zero_point);
  const __m512i b_zero_point = _mm512_set1_epi32(addition.b_zero_point);
  const __m128i left_shift = _mm_cvtsi32_si128(addition.left_shift);
  const OutputRange range = {_mm512_set1_epi32(addition.output_zero_point), _mm512_set1_epi32(addition.clamp_min),
                             _mm512_set1_epi32(addition.clamp_max)};
  for (int64_t i = 0; i < count; i += 16) {
    const __mmask16 lanes = first_lanes(count - i);
    const __m512i sum = _mm512_add_epi32(rescaled_operand(a + i, lanes, a_zero_point, left_shift, a_scale),
                                         rescaled_operand(b + i, lanes, b_zero_point, left_shift, b_scale));
    store_eight_bits(requantize(sum, output_scale), range, lanes, output + i);
  }
}

CKERNELS_AVX512 static void widen(const int8_t *input, int64_t count, int32_t zero_point, int16_t *output) {
  portable::widen(input, count, zero_point, output);
}

CKERNELS_AVX512 static void make_unsigned(const int8_t *input, int64_t count, uint8_t *output) {
  portable::make_unsigned(input, count, output);
}

CKERNELS_AVX512 static void accumulate(const int8_t *input, int64_t count, int32_t *sums) {
  portable::accumulate(input, count, sums);
}

CKERNELS_AVX512 static void maximize(const int8_t *input, int64_t count, int8_t *largest) {
  portable::maximize(input, count, largest);
}

}  // namespace avx512

const InstructionSet avx512_instruction_set = {
    "avx512",
    Layout::quads8,
    avx512::dense<avx512::Pairs16>,
    avx512::dense<avx512::Quads8>,
    avx512::dense<avx512::Float32>,
    avx512::depthwise_pairs16,
    avx512::depthwise_float32,
    avx512::requantize_tile,
    avx512::add,
    avx512::widen,
    avx512::make_unsigned,
    avx512::accumulate,
    avx512::maximize,
};

}  // namespace ckernels

#endif
