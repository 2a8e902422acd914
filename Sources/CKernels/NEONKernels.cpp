#if defined(__aarch64__)

#include "NEONKernels.h"

#include "PortableLoops.h"

#define CKERNELS_NEON
#include "NEONDense.h"

namespace ckernels {
namespace neon {

// MARK: Dense tiles

struct Pairs16 {
  using Sum = int32_t;
  using Vector = int32x4_t;

  /// The first and second weights of 8 channels each.
  struct Weights {
    int16x8x2_t low, high;
  };

  static inline Weights load(const uint8_t *weights) {
    const int16_t *pairs = reinterpret_cast<const int16_t *>(weights);
    return {vld2q_s16(pairs), vld2q_s16(pairs + panel_channels)};
  }

  static inline void multiply_add(Vector (&sums)[panel_vectors], const uint8_t *activations,
                                  const Weights &weights) {
    const int16x4_t pair =
        vreinterpret_s16_s32(vld1_dup_s32(reinterpret_cast<const int32_t *>(activations)));
    sums[0] = vmlal_lane_s16(sums[0], vget_low_s16(weights.low.val[0]), pair, 0);
    sums[1] = vmlal_high_lane_s16(sums[1], weights.low.val[0], pair, 0);
    sums[2] = vmlal_lane_s16(sums[2], vget_low_s16(weights.high.val[0]), pair, 0);
    sums[3] = vmlal_high_lane_s16(sums[3], weights.high.val[0], pair, 0);
    sums[0] = vmlal_lane_s16(sums[0], vget_low_s16(weights.low.val[1]), pair, 1);
    sums[1] = vmlal_high_lane_s16(sums[1], weights.low.val[1], pair, 1);
    sums[2] = vmlal_lane_s16(sums[2], vget_low_s16(weights.high.val[1]), pair, 1);
    sums[3] = vmlal_high_lane_s16(sums[3], weights.high.val[1], pair, 1);
  }
};

template <ck_products products>
struct Float32 {
  using Sum = float;
  using Vector = float32x4_t;
  using Weights = float32x4x4_t;

  static inline Weights load(const uint8_t *weights) {
    return vld1q_f32_x4(reinterpret_cast<const float *>(weights));
  }

  static inline void multiply_add(Vector (&sums)[panel_vectors], const uint8_t *activations,
                                  const Weights &weights) {
    const float32x4_t activation = vld1q_dup_f32(reinterpret_cast<const float *>(activations));
#pragma clang loop unroll(full)
    for (int vector = 0; vector < panel_vectors; ++vector)
      sums[vector] =
          products == ck_products_fused
              ? vfmaq_f32(sums[vector], activation, weights.val[vector])
              : vaddq_f32(sums[vector], vmulq_f32(activation, weights.val[vector]));
  }
};

void dense_pairs16(const DenseTile &tile, int32_t *accumulators) {
  dense<Pairs16>(tile, accumulators);
}

void dense_rounded_float32(const DenseTile &tile, float *accumulators) {
  dense<Float32<ck_products_rounded>>(tile, accumulators);
}

void dense_fused_float32(const DenseTile &tile, float *accumulators) {
  dense<Float32<ck_products_fused>>(tile, accumulators);
}

// MARK: Depthwise strips

/// The weights of two taps, in the order of the channels.
struct TapPair {
  int16x8_t first_low, first_high, second_low, second_high;
};

static inline int16x8_t low_halves(int16x8_t a, int16x8_t b) {
  return vcombine_s16(vget_low_s16(a), vget_low_s16(b));
}

static inline int16x8_t high_halves(int16x8_t a, int16x8_t b) {
  return vcombine_s16(vget_high_s16(a), vget_high_s16(b));
}

static inline TapPair load_tap_pair(const uint8_t *weights) {
  const int16_t *pairs = reinterpret_cast<const int16_t *>(weights);
  // Slots hold channels 0 to 3 and 8 to 11, then 4 to 7 and 12 to 15.
  const int16x8x2_t a = vld2q_s16(pairs), b = vld2q_s16(pairs + panel_channels);
  return {low_halves(a.val[0], b.val[0]), high_halves(a.val[0], b.val[0]),
          low_halves(a.val[1], b.val[1]), high_halves(a.val[1], b.val[1])};
}

static inline void add_tap(int32x4_t (&sums)[4], const uint8_t *activations, int16x8_t low_weights,
                           int16x8_t high_weights) {
  const int16_t *channels = reinterpret_cast<const int16_t *>(activations);
  const int16x8_t low = vld1q_s16(channels), high = vld1q_s16(channels + 8);
  sums[0] = vmlal_s16(sums[0], vget_low_s16(low), vget_low_s16(low_weights));
  sums[1] = vmlal_high_s16(sums[1], low, low_weights);
  sums[2] = vmlal_s16(sums[2], vget_low_s16(high), vget_low_s16(high_weights));
  sums[3] = vmlal_high_s16(sums[3], high, high_weights);
}

static inline void add_tap_pair(int32x4_t (&sums)[4], const uint8_t *pixel,
                                const int64_t *tap_offsets, const TapPair &weights) {
  add_tap(sums, pixel + tap_offsets[0], weights.first_low, weights.first_high);
  add_tap(sums, pixel + tap_offsets[1], weights.second_low, weights.second_high);
}

/// The panel of a kernel with a known number of taps, whose weights stay in registers.
template <int pair_count>
static void depthwise_panel(const DepthwiseStrip &strip, int64_t activation_offset,
                            const uint8_t *weights, int32_t *accumulators) {
  TapPair pair_weights[pair_count];
  for (int pair = 0; pair < pair_count; ++pair)
    pair_weights[pair] = load_tap_pair(weights + pair * panel_group_bytes);
  for (int32_t pixel = 0; pixel < strip.pixel_count; ++pixel) {
    const uint8_t *activations = strip.pixels[pixel] + activation_offset;
    int32x4_t sums[4] = {};
#pragma clang loop unroll(full)
    for (int pair = 0; pair < pair_count; ++pair)
      add_tap_pair(sums, activations, strip.tap_offsets + 2 * pair, pair_weights[pair]);
    __builtin_memcpy(accumulators + pixel * tile_channels, sums, sizeof sums);
  }
}

static void any_depthwise_panel(const DepthwiseStrip &strip, int64_t activation_offset,
                                const uint8_t *weights, int32_t *accumulators) {
  for (int32_t pixel = 0; pixel < strip.pixel_count; ++pixel) {
    const uint8_t *activations = strip.pixels[pixel] + activation_offset;
    int32x4_t sums[4] = {};
    for (int64_t tap = 0; tap < strip.taps; tap += 2)
      add_tap_pair(sums, activations, strip.tap_offsets + tap,
                   load_tap_pair(weights + tap / 2 * panel_group_bytes));
    __builtin_memcpy(accumulators + pixel * tile_channels, sums, sizeof sums);
  }
}

void depthwise_pairs16(const DepthwiseStrip &strip, int32_t *accumulators) {
  // 3 × 3, nearly all there is, makes five pairs.
  void (*panel_kernel)(const DepthwiseStrip &, int64_t, const uint8_t *, int32_t *) =
      strip.taps == 10 ? depthwise_panel<5> : any_depthwise_panel;
  for (int32_t panel = 0; panel < strip.panel_count; ++panel)
    panel_kernel(strip, panel * panel_channels * int64_t{sizeof(int16_t)},
                 strip.weights + panel * strip.panel_stride, accumulators + panel * panel_channels);
}

void depthwise_rounded_float32(const DepthwiseStrip &strip, float *accumulators) {
  portable::depthwise_float32<ck_products_rounded>(strip, accumulators);
}

void depthwise_fused_float32(const DepthwiseStrip &strip, float *accumulators) {
  portable::depthwise_float32<ck_products_fused>(strip, accumulators);
}

// MARK: Element by element

void finish_float32(const FloatOutputTile &tile) { portable::finish_float32(tile); }

void widen(const int8_t *input, int64_t count, uint8_t flipped_bits, int32_t zero_point,
           int16_t *output) {
  portable::widen(input, count, flipped_bits, zero_point, output);
}

void flip(const int8_t *input, int64_t count, uint8_t flipped_bits, uint8_t *output) {
  portable::flip(input, count, flipped_bits, output);
}

void accumulate(const int8_t *input, int64_t count, int32_t *sums) {
  portable::accumulate(input, count, sums);
}

void maximize(const int8_t *input, int64_t count, int8_t *largest) {
  portable::maximize(input, count, largest);
}

}  // namespace neon

const InstructionSet neon_instruction_set = {
    "neon",
    Layout::pairs16,
    0,
    {6, 6, 6, 6},
    neon::dense_pairs16,
    nullptr,
    {neon::dense_rounded_float32, neon::dense_fused_float32},
    neon::depthwise_pairs16,
    {neon::depthwise_rounded_float32, neon::depthwise_fused_float32},
    neon::requantize_fixed_point,
    neon::requantize_half_away,
    neon::requantize_half_even,
    neon::finish_float32,
    neon::add,
    neon::widen,
    neon::flip,
    neon::accumulate,
    neon::maximize,
};

}  // namespace ckernels

#endif
