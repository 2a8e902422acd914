#if defined(__x86_64__)

#include <algorithm>

#include "AVX512FixedPoint.h"
#include "PortableLoops.h"

namespace ckernels {
namespace avx512 {

// MARK: Dense tiles

/// An element of a dense tile: how groups are multiplied and added, and the type of the sum.
struct Pairs16 {
  using Sum = int32_t;
  static constexpr bool can_reorder = true;

  CKERNELS_AVX512_INLINE __m512i multiply_add(__m512i sum, __m512i group, __m512i weights) {
    return _mm512_dpwssd_epi32(sum, group, weights);
  }
};

struct Quads8 {
  using Sum = int32_t;
  static constexpr bool can_reorder = true;

  CKERNELS_AVX512_INLINE __m512i multiply_add(__m512i sum, __m512i group, __m512i weights) {
    return _mm512_dpbusd_epi32(sum, group, weights);
  }
};

template <ck_products products>
CKERNELS_AVX512_INLINE __m512 multiply_add(__m512 sum, __m512 activations, __m512 weights) {
  return products == ck_products_fused ? _mm512_fmadd_ps(activations, weights, sum)
                                       : _mm512_add_ps(sum, _mm512_mul_ps(activations, weights));
}

template <ck_products products>
struct Float32 {
  using Sum = float;
  static constexpr bool can_reorder = false;

  CKERNELS_AVX512_INLINE __m512i multiply_add(__m512i sum, __m512i group, __m512i weights) {
    return _mm512_castps_si512(
        avx512::multiply_add<products>(_mm512_castsi512_ps(sum), _mm512_castsi512_ps(group),
                                       _mm512_castsi512_ps(weights)));
  }
};

CKERNELS_AVX512_INLINE __m512i broadcast_group(const uint8_t *address) {
  int32_t group;
  __builtin_memcpy(&group, address, sizeof group);
  return _mm512_set1_epi32(group);
}

/// The accumulators of a tile of known size, at most 24, and where its operands are.
template <typename Element, int pixel_count, int panel_count>
struct TileSums {
  __m512i sums[pixel_count][panel_count];

  /// Adds the products of one group, `offset` bytes from the pixels; panels move on to the next.
  CKERNELS_AVX512_INLINE void add_group(TileSums &tile, const uint8_t *const (&pixels)[pixel_count],
                                        const uint8_t *(&panels)[panel_count], int64_t offset) {
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
        tile.sums[pixel][panel] =
            Element::multiply_add(tile.sums[pixel][panel], group, weights[panel]);
    }
  }
};

/// How many sums of every other group a tile keeps apart, for multiply-adds wait for those before
/// them: integers may be added in any order.
template <typename Element>
constexpr int chain_count(int accumulators) {
  if (!Element::can_reorder || accumulators > 8) return 1;
  return accumulators > 4 ? 2 : 4;
}

/// A tile of known size, whose accumulators stay in registers.
template <typename Element, int pixel_count, int panel_count>
CKERNELS_AVX512 static void dense_tile(const DenseTile &tile, typename Element::Sum *accumulators) {
  using Sums = TileSums<Element, pixel_count, panel_count>;
  constexpr int chains = chain_count<Element>(pixel_count * panel_count);
  Sums sums[chains] = {};
  const uint8_t *pixels[pixel_count];
  for (int pixel = 0; pixel < pixel_count; ++pixel) pixels[pixel] = tile.pixels[pixel];
  const uint8_t *panels[panel_count];
  for (int panel = 0; panel < panel_count; ++panel)
    panels[panel] = tile.weights + panel * tile.panel_stride;

  for (int64_t run = 0; run < tile.runs; ++run) {
    const int64_t start = tile.run_offsets[run];
    int64_t group = 0;
    for (; group + chains <= tile.groups; group += chains) {
#pragma clang loop unroll(full)
      for (int chain = 0; chain < chains; ++chain)
        Sums::add_group(sums[chain], pixels, panels, start + (group + chain) * group_bytes);
    }
    for (; group < tile.groups; ++group)
      Sums::add_group(sums[0], pixels, panels, start + group * group_bytes);
  }
  for (int pixel = 0; pixel < pixel_count; ++pixel)
    for (int panel = 0; panel < panel_count; ++panel) {
      __m512i sum = sums[0].sums[pixel][panel];
      for (int chain = 1; chain < chains; ++chain)
        sum = _mm512_add_epi32(sum, sums[chain].sums[pixel][panel]);
      typename Element::Sum *out = accumulators + pixel * tile_channels + panel * panel_channels;
      if (!Element::can_reorder && tile.adds)
        sum = _mm512_castps_si512(_mm512_add_ps(_mm512_loadu_ps(out), _mm512_castsi512_ps(sum)));
      _mm512_storeu_si512(out, sum);
    }
}

template <typename Element, int panel_count>
static void dense_panels(const DenseTile &tile, typename Element::Sum *accumulators) {
  constexpr void (*by_pixel_count[])(const DenseTile &, typename Element::Sum *) = {
      dense_tile<Element, 1, panel_count>, dense_tile<Element, 2, panel_count>,
      dense_tile<Element, 3, panel_count>, dense_tile<Element, 4, panel_count>,
      dense_tile<Element, 5, panel_count>, dense_tile<Element, 6, panel_count>,
      dense_tile<Element, 7, panel_count>, dense_tile<Element, 8, panel_count>};
  by_pixel_count[tile.pixel_count - 1](tile, accumulators);
}

template <typename Element>
static void dense(const DenseTile &tile, typename Element::Sum *accumulators) {
  constexpr void (*by_panel_count[])(const DenseTile &, typename Element::Sum *) = {
      dense_panels<Element, 1>, dense_panels<Element, 2>, dense_panels<Element, 3>,
      dense_panels<Element, 4>};
  by_panel_count[tile.panel_count - 1](tile, accumulators);
}

// MARK: Depthwise strips

/// Adds the products of two taps, with activations interleaved in the order
/// `depthwise_channel_order`.
CKERNELS_AVX512_INLINE __m512i add_tap_pair(__m512i sums, const uint8_t *pixel,
                                            const int64_t *tap_offsets, __m512i weights,
                                            __m512i interleaving) {
  const __m512i first = _mm512_castsi256_si512(_mm256_loadu_epi16(pixel + tap_offsets[0]));
  const __m512i both = _mm512_inserti64x4(first, _mm256_loadu_epi16(pixel + tap_offsets[1]), 1);
  return _mm512_dpwssd_epi32(sums, _mm512_permutexvar_epi16(interleaving, both), weights);
}

CKERNELS_AVX512_INLINE __m512i tap_interleaving() {
  alignas(64) int16_t indices[2 * panel_channels];
  for (int slot = 0; slot < panel_channels; ++slot) {
    indices[2 * slot] = static_cast<int16_t>(depthwise_channel_order[slot]);
    indices[2 * slot + 1] = static_cast<int16_t>(depthwise_channel_order[slot] + panel_channels);
  }
  return _mm512_load_si512(indices);
}

CKERNELS_AVX512_INLINE void store_in_order(__m512i sums, int32_t *accumulators) {
  // The order is its own inverse.
  _mm512_storeu_si512(accumulators,
                      _mm512_permutexvar_epi32(_mm512_loadu_si512(depthwise_channel_order), sums));
}

/// The panel of a kernel with a known number of taps, whose weights stay in registers.
template <int pair_count>
CKERNELS_AVX512 static void depthwise_panel(const DepthwiseStrip &strip, int64_t activation_offset,
                                            const uint8_t *weights, int32_t *accumulators) {
  const __m512i interleaving = tap_interleaving();
  __m512i pair_weights[pair_count];
  for (int pair = 0; pair < pair_count; ++pair)
    pair_weights[pair] = _mm512_load_si512(weights + pair * panel_group_bytes);
  for (int32_t pixel = 0; pixel < strip.pixel_count; ++pixel) {
    const uint8_t *activations = strip.pixels[pixel] + activation_offset;
    __m512i sums = _mm512_setzero_si512();
#pragma clang loop unroll(full)
    for (int pair = 0; pair < pair_count; ++pair)
      sums = add_tap_pair(sums, activations, strip.tap_offsets + 2 * pair, pair_weights[pair],
                          interleaving);
    store_in_order(sums, accumulators + pixel * tile_channels);
  }
}

CKERNELS_AVX512 static void any_depthwise_panel(const DepthwiseStrip &strip,
                                                int64_t activation_offset, const uint8_t *weights,
                                                int32_t *accumulators) {
  const __m512i interleaving = tap_interleaving();
  for (int32_t pixel = 0; pixel < strip.pixel_count; ++pixel) {
    const uint8_t *activations = strip.pixels[pixel] + activation_offset;
    __m512i sums = _mm512_setzero_si512();
    for (int64_t tap = 0; tap < strip.taps; tap += 2)
      sums = add_tap_pair(sums, activations, strip.tap_offsets + tap,
                          _mm512_load_si512(weights + tap / 2 * panel_group_bytes), interleaving);
    store_in_order(sums, accumulators + pixel * tile_channels);
  }
}

static void depthwise_pairs16(const DepthwiseStrip &strip, int32_t *accumulators) {
  // 3 × 3, nearly all there is, makes five pairs.
  void (*panel_kernel)(const DepthwiseStrip &, int64_t, const uint8_t *, int32_t *) =
      strip.taps == 10 ? depthwise_panel<5> : any_depthwise_panel;
  for (int32_t panel = 0; panel < strip.panel_count; ++panel)
    panel_kernel(strip, panel * panel_channels * int64_t{sizeof(int16_t)},
                 strip.weights + panel * strip.panel_stride, accumulators + panel * panel_channels);
}

/// A panel of some neighbouring pixels, so that no sum has to wait for itself.
template <ck_products products, int pixel_count>
CKERNELS_AVX512_INLINE void depthwise_pixels(const DepthwiseStrip &strip, int32_t first,
                                             int32_t panel, float *accumulators) {
  const uint8_t *pixels[pixel_count];
  for (int pixel = 0; pixel < pixel_count; ++pixel)
    pixels[pixel] = strip.pixels[first + pixel] + panel * panel_channels * int64_t{sizeof(float)};
  const uint8_t *weights = strip.weights + panel * strip.panel_stride;
  __m512 sums[pixel_count] = {};
  for (int64_t tap = 0; tap < strip.taps; ++tap, weights += panel_group_bytes) {
    const __m512 tap_weights = _mm512_load_ps(weights);
#pragma clang loop unroll(full)
    for (int pixel = 0; pixel < pixel_count; ++pixel)
      sums[pixel] = multiply_add<products>(
          sums[pixel], _mm512_loadu_ps(pixels[pixel] + strip.tap_offsets[tap]), tap_weights);
  }
  for (int pixel = 0; pixel < pixel_count; ++pixel)
    _mm512_storeu_ps(accumulators + (first + pixel) * tile_channels + panel * panel_channels,
                     sums[pixel]);
}

template <ck_products products>
CKERNELS_AVX512 static void depthwise_float32(const DepthwiseStrip &strip, float *accumulators) {
  for (int32_t panel = 0; panel < strip.panel_count; ++panel) {
    int32_t pixel = 0;
    for (; pixel + 8 <= strip.pixel_count; pixel += 8)
      depthwise_pixels<products, 8>(strip, pixel, panel, accumulators);
    for (; pixel < strip.pixel_count; ++pixel)
      depthwise_pixels<products, 1>(strip, pixel, panel, accumulators);
  }
}

// MARK: Element by element

CKERNELS_AVX512 static void finish_float32(const FloatOutputTile &tile) {
  const __m512 low = _mm512_set1_ps(tile.clamp_min), high = _mm512_set1_ps(tile.clamp_max);
  for (int32_t channel = 0; channel < tile.channels; channel += panel_channels) {
    const int32_t missing = std::max(channel + panel_channels - tile.channels, 0);
    const __mmask16 wanted = static_cast<__mmask16>(0xFFFF >> missing);
    const __m512 bias = _mm512_maskz_loadu_ps(wanted, tile.bias + channel);
    const float *accumulators = tile.accumulators + channel;
    float *output = tile.output + channel;
    for (int64_t pixel = 0; pixel < tile.pixel_count; ++pixel) {
      // The order of operands lets NaN pass, as the portable form does.
      const __m512 sum = _mm512_add_ps(_mm512_loadu_ps(accumulators), bias);
      _mm512_mask_storeu_ps(output, wanted, _mm512_min_ps(high, _mm512_max_ps(low, sum)));
      accumulators += tile_channels;
      output += tile.output_stride;
    }
  }
}

CKERNELS_AVX512 static void widen(const int8_t *input, int64_t count, uint8_t flipped_bits,
                                  int32_t zero_point, int16_t *output) {
  portable::widen(input, count, flipped_bits, zero_point, output);
}

CKERNELS_AVX512 static void flip(const int8_t *input, int64_t count, uint8_t flipped_bits,
                                 uint8_t *output) {
  portable::flip(input, count, flipped_bits, output);
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
    128,
    {8, 8, 8, 6},
    avx512::dense<avx512::Pairs16>,
    avx512::dense<avx512::Quads8>,
    {avx512::dense<avx512::Float32<ck_products_rounded>>,
     avx512::dense<avx512::Float32<ck_products_fused>>},
    avx512::depthwise_pairs16,
    {avx512::depthwise_float32<ck_products_rounded>, avx512::depthwise_float32<ck_products_fused>},
    avx512::requantize_fixed_point,
    avx512::requantize_half_away,
    avx512::requantize_half_even,
    avx512::finish_float32,
    avx512::add,
    avx512::widen,
    avx512::flip,
    avx512::accumulate,
    avx512::maximize,
};

}  // namespace ckernels

#endif
