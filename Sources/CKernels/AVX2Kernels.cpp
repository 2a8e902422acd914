#if defined(__x86_64__)

#include "AVX2FixedPoint.h"
#include "PortableLoops.h"

namespace ckernels {
namespace avx2 {

// MARK: Dense tiles

/// The accumulators of one pixel and one panel.
struct PanelSums {
  __m256i low, high;
};

CKERNELS_AVX2_INLINE int32_t load_group(const uint8_t *address) {
  int32_t group;
  __builtin_memcpy(&group, address, sizeof group);
  return group;
}

template <ck_products>
CKERNELS_AVX2_INLINE PanelSums multiply_add(PanelSums sums, const uint8_t *activations, __m256i low,
                                            __m256i high, const int32_t *) {
  const __m256i group = _mm256_set1_epi32(load_group(activations));
  return {_mm256_add_epi32(sums.low, _mm256_madd_epi16(group, low)),
          _mm256_add_epi32(sums.high, _mm256_madd_epi16(group, high))};
}

template <ck_products products>
CKERNELS_AVX2_INLINE __m256i multiply_add(__m256i sums, __m256 group, __m256i weights) {
  const __m256 added = _mm256_castsi256_ps(sums), factors = _mm256_castsi256_ps(weights);
  return _mm256_castps_si256(products == ck_products_fused
                                 ? _mm256_fmadd_ps(group, factors, added)
                                 : _mm256_add_ps(added, _mm256_mul_ps(group, factors)));
}

template <ck_products products>
CKERNELS_AVX2_INLINE PanelSums multiply_add(PanelSums sums, const uint8_t *activations, __m256i low,
                                            __m256i high, const float *) {
  const __m256 group = _mm256_broadcast_ss(reinterpret_cast<const float *>(activations));
  return {multiply_add<products>(sums.low, group, low),
          multiply_add<products>(sums.high, group, high)};
}

CKERNELS_AVX2_INLINE __m256i add_to(__m256i sums, const float *accumulators) {
  return _mm256_castps_si256(
      _mm256_add_ps(_mm256_loadu_ps(accumulators), _mm256_castsi256_ps(sums)));
}

CKERNELS_AVX2_INLINE PanelSums add_to(PanelSums sums, const float *accumulators) {
  return {add_to(sums.low, accumulators), add_to(sums.high, accumulators + panel_channels / 2)};
}

/// Integers are never added.
CKERNELS_AVX2_INLINE PanelSums add_to(PanelSums sums, const int32_t *) { return sums; }

/// One panel of a tile: the 2 · `pixel_count` accumulators stay in registers, which is what bounds
/// `dense_pixels`.
template <ck_products products, int pixel_count, typename Sum>
CKERNELS_AVX2 static void dense_panel(const DenseTile &tile, const uint8_t *weights,
                                      Sum *accumulators) {
  PanelSums sums[pixel_count] = {};
  const uint8_t *pixels[pixel_count];
  for (int pixel = 0; pixel < pixel_count; ++pixel) pixels[pixel] = tile.pixels[pixel];
  for (int64_t run = 0; run < tile.runs; ++run) {
    const int64_t start = tile.run_offsets[run], end = start + tile.groups * group_bytes;
    for (int64_t offset = start; offset < end; offset += group_bytes) {
      const __m256i low = load(weights), high = load(weights + panel_group_bytes / 2);
      weights += panel_group_bytes;
#pragma clang loop unroll(full)
      for (int pixel = 0; pixel < pixel_count; ++pixel)
        sums[pixel] = multiply_add<products>(sums[pixel], pixels[pixel] + offset, low, high,
                                             accumulators);
    }
  }
  for (int pixel = 0; pixel < pixel_count; ++pixel) {
    Sum *out = accumulators + pixel * tile_channels;
    const PanelSums result = tile.adds ? add_to(sums[pixel], out) : sums[pixel];
    _mm256_storeu_si256(reinterpret_cast<__m256i *>(out), result.low);
    _mm256_storeu_si256(reinterpret_cast<__m256i *>(out + panel_channels / 2), result.high);
  }
}

template <typename Sum, ck_products products = ck_products_rounded>
static void dense(const DenseTile &tile, Sum *accumulators) {
  constexpr void (*by_pixel_count[])(const DenseTile &, const uint8_t *, Sum *) = {
      dense_panel<products, 1, Sum>, dense_panel<products, 2, Sum>, dense_panel<products, 3, Sum>,
      dense_panel<products, 4, Sum>, dense_panel<products, 5, Sum>, dense_panel<products, 6, Sum>};
  for (int32_t panel = 0; panel < tile.panel_count; ++panel)
    by_pixel_count[tile.pixel_count - 1](tile, tile.weights + panel * tile.panel_stride,
                                         accumulators + panel * panel_channels);
}

// MARK: Depthwise strips

/// The sums of one pixel and panel, in the order `depthwise_channel_order`.
CKERNELS_AVX2_INLINE PanelSums depthwise_panel(const uint8_t *pixel, const DepthwiseStrip &strip,
                                               const uint8_t *weights) {
  PanelSums sums = {_mm256_setzero_si256(), _mm256_setzero_si256()};
  for (int64_t tap = 0; tap < strip.taps; tap += 2, weights += panel_group_bytes) {
    const __m256i first = load(pixel + strip.tap_offsets[tap]),
                  second = load(pixel + strip.tap_offsets[tap + 1]);
    const __m256i low = _mm256_unpacklo_epi16(first, second),
                  high = _mm256_unpackhi_epi16(first, second);
    sums.low = _mm256_add_epi32(sums.low, _mm256_madd_epi16(low, load(weights)));
    sums.high =
        _mm256_add_epi32(sums.high, _mm256_madd_epi16(high, load(weights + panel_group_bytes / 2)));
  }
  return sums;
}

CKERNELS_AVX2 static void depthwise_pairs16(const DepthwiseStrip &strip, int32_t *accumulators) {
  for (int32_t panel = 0; panel < strip.panel_count; ++panel) {
    const int64_t channel_offset = panel * panel_channels * int64_t{sizeof(int16_t)};
    for (int32_t pixel = 0; pixel < strip.pixel_count; ++pixel) {
      const PanelSums sums = depthwise_panel(strip.pixels[pixel] + channel_offset, strip,
                                             strip.weights + panel * strip.panel_stride);
      __m256i *out = reinterpret_cast<__m256i *>(accumulators + pixel * tile_channels +
                                                 panel * panel_channels);
      _mm256_storeu_si256(out, _mm256_permute2x128_si256(sums.low, sums.high, 0x20));
      _mm256_storeu_si256(out + 1, _mm256_permute2x128_si256(sums.low, sums.high, 0x31));
    }
  }
}

template <ck_products products>
CKERNELS_AVX2 static void depthwise_float32(const DepthwiseStrip &strip, float *accumulators) {
  portable::depthwise_float32<products>(strip, accumulators);
}

// MARK: Element by element

CKERNELS_AVX2 static void finish_float32(const FloatOutputTile &tile) {
  portable::finish_float32(tile);
}

CKERNELS_AVX2 static void widen(const int8_t *input, int64_t count, uint8_t flipped_bits,
                                int32_t zero_point, int16_t *output) {
  portable::widen(input, count, flipped_bits, zero_point, output);
}

CKERNELS_AVX2 static void flip(const int8_t *input, int64_t count, uint8_t flipped_bits,
                               uint8_t *output) {
  portable::flip(input, count, flipped_bits, output);
}

CKERNELS_AVX2 static void accumulate(const int8_t *input, int64_t count, int32_t *sums) {
  portable::accumulate(input, count, sums);
}

CKERNELS_AVX2 static void maximize(const int8_t *input, int64_t count, int8_t *largest) {
  portable::maximize(input, count, largest);
}

}  // namespace avx2

const InstructionSet avx2_instruction_set = {
    "avx2",
    Layout::pairs16,
    0,
    {6, 6, 6, 6},
    avx2::dense<int32_t>,
    nullptr,
    {avx2::dense<float>, avx2::dense<float, ck_products_fused>},
    avx2::depthwise_pairs16,
    {avx2::depthwise_float32<ck_products_rounded>, avx2::depthwise_float32<ck_products_fused>},
    avx2::requantize_fixed_point,
    avx2::requantize_half_away,
    avx2::requantize_half_even,
    avx2::finish_float32,
    avx2::add,
    avx2::widen,
    avx2::flip,
    avx2::accumulate,
    avx2::maximize,
};

}  // namespace ckernels

#endif
