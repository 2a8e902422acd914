#pragma once

#include "FixedPoint.h"
#include "InstructionSet.h"

// Float products are rounded before they are added, in every instruction set: the same bits
// everywhere, and those of the reference kernels.
#pragma STDC FP_CONTRACT OFF

/// The inner loops in plain C++.
///
/// They are inlined by force into the functions of each instruction set, so that the compiler
/// vectorises one source with the instructions of its caller.
#define CKERNELS_INLINE static inline __attribute__((always_inline))

namespace ckernels {
namespace portable {

// MARK: Dense tiles

/// Adds one group's products to the 16 accumulators of a panel.
template <ck_products>
CKERNELS_INLINE void multiply_group(const uint8_t *pixel, const uint8_t *panel, int32_t *sums) {
  const int16_t *activations = reinterpret_cast<const int16_t *>(pixel);
  const int16_t *weights = reinterpret_cast<const int16_t *>(panel);
  for (int32_t channel = 0; channel < panel_channels; ++channel) {
    const int32_t product =
        activations[0] * weights[2 * channel] + activations[1] * weights[2 * channel + 1];
    sums[channel] = wrapping_add(sums[channel], product);
  }
}

template <ck_products products>
CKERNELS_INLINE float multiply_add(float sum, float activation, float weight) {
  if (products == ck_products_fused) return __builtin_fmaf(activation, weight, sum);
  return sum + activation * weight;
}

template <ck_products products>
CKERNELS_INLINE void multiply_group(const uint8_t *pixel, const uint8_t *panel, float *sums) {
  const float activation = *reinterpret_cast<const float *>(pixel);
  const float *weights = reinterpret_cast<const float *>(panel);
  for (int32_t channel = 0; channel < panel_channels; ++channel)
    sums[channel] = multiply_add<products>(sums[channel], activation, weights[channel]);
}

/// `Sum` is int32_t for `Layout::pairs16`, float for `Layout::float32`.
template <ck_products products = ck_products_rounded, typename Sum>
CKERNELS_INLINE void dense(const DenseTile &tile, Sum *accumulators) {
  for (int32_t pixel = 0; pixel < tile.pixel_count; ++pixel) {
    for (int32_t panel = 0; panel < tile.panel_count; ++panel) {
      Sum sums[panel_channels] = {};
      const uint8_t *weights = tile.weights + panel * tile.panel_stride;
      for (int64_t run = 0; run < tile.runs; ++run) {
        const uint8_t *activations = tile.pixels[pixel] + tile.run_offsets[run];
        for (int64_t group = 0; group < tile.groups; ++group, weights += panel_group_bytes)
          multiply_group<products>(activations + group * group_bytes, weights, sums);
      }
      Sum *out = accumulators + pixel * tile_channels + panel * panel_channels;
      for (int32_t channel = 0; channel < panel_channels; ++channel)
        out[channel] = tile.adds ? out[channel] + sums[channel] : sums[channel];
    }
  }
}

// MARK: Depthwise strips

CKERNELS_INLINE void depthwise_pairs16(const DepthwiseStrip &strip, int32_t *accumulators) {
  for (int32_t pixel = 0; pixel < strip.pixel_count; ++pixel) {
    for (int32_t panel = 0; panel < strip.panel_count; ++panel) {
      int32_t sums[panel_channels] = {};
      const int16_t *weights =
          reinterpret_cast<const int16_t *>(strip.weights + panel * strip.panel_stride);
      for (int64_t tap = 0; tap < strip.taps; tap += 2, weights += 2 * panel_channels) {
        const int16_t *first =
            reinterpret_cast<const int16_t *>(strip.pixels[pixel] + strip.tap_offsets[tap]);
        const int16_t *second =
            reinterpret_cast<const int16_t *>(strip.pixels[pixel] + strip.tap_offsets[tap + 1]);
        for (int32_t slot = 0; slot < panel_channels; ++slot) {
          const int32_t channel = panel * panel_channels + depthwise_channel_order[slot];
          sums[slot] = wrapping_add(sums[slot], first[channel] * weights[2 * slot] +
                                                    second[channel] * weights[2 * slot + 1]);
        }
      }
      int32_t *out = accumulators + pixel * tile_channels + panel * panel_channels;
      for (int32_t slot = 0; slot < panel_channels; ++slot)
        out[depthwise_channel_order[slot]] = sums[slot];
    }
  }
}

template <ck_products products>
CKERNELS_INLINE void depthwise_float32(const DepthwiseStrip &strip, float *accumulators) {
  for (int32_t pixel = 0; pixel < strip.pixel_count; ++pixel) {
    for (int32_t panel = 0; panel < strip.panel_count; ++panel) {
      float sums[panel_channels] = {};
      const float *weights =
          reinterpret_cast<const float *>(strip.weights + panel * strip.panel_stride);
      for (int64_t tap = 0; tap < strip.taps; ++tap, weights += panel_channels) {
        const float *activations =
            reinterpret_cast<const float *>(strip.pixels[pixel] + strip.tap_offsets[tap]) +
            panel * panel_channels;
        for (int32_t channel = 0; channel < panel_channels; ++channel)
          sums[channel] =
              multiply_add<products>(sums[channel], activations[channel], weights[channel]);
      }
      for (int32_t channel = 0; channel < panel_channels; ++channel)
        accumulators[pixel * tile_channels + panel * panel_channels + channel] = sums[channel];
    }
  }
}

// MARK: Element by element

/// Requantizes channels `first_channel ..< end_channel`; the vector kernels leave it what they do
/// not handle.
CKERNELS_INLINE void requantize_fixed_point(const RequantizationTile &tile, int32_t first_channel,
                                            int32_t end_channel) {
  for (int64_t pixel = 0; pixel < tile.pixel_count; ++pixel) {
    const int32_t *accumulators = tile.accumulators + pixel * tile.accumulator_stride;
    int8_t *output = tile.output + pixel * tile.output_stride;
    for (int32_t channel = first_channel; channel < end_channel; ++channel) {
      const int32_t sum = wrapping_add(accumulators[channel], tile.bias[channel]);
      const int32_t scaled =
          ckernels::requantize(sum, tile.multipliers[channel], tile.shifts[channel]);
      output[channel] =
          eight_bit_output(scaled, tile.output_zero_point, tile.clamp_min, tile.clamp_max) ^
          tile.flipped_bits;
    }
  }
}

/// `round(value)`, halves away from zero, saturating.
CKERNELS_INLINE int32_t round_half_away(double value) {
  // Comparisons in this sense send NaN to the lower bound.
  const double raised = value >= INT32_MIN ? value : INT32_MIN;
  const double bounded = raised <= INT32_MAX ? raised : INT32_MAX;
  const int32_t whole = static_cast<int32_t>(bounded);
  const double rest = bounded - whole;
  return whole + (rest >= 0.5) - (rest <= -0.5);
}

/// `round(value)`, halves to even, saturating to what a float can hold.
CKERNELS_INLINE int32_t round_half_even(float value) {
  constexpr float lowest = -2147483648.0f, highest = 2147483520.0f;
  const float raised = value >= lowest ? value : lowest;
  const float bounded = raised <= highest ? raised : highest;
  const int32_t whole = static_cast<int32_t>(bounded);
  const float rest = bounded - static_cast<float>(whole);
  const bool is_odd = whole & 1;
  return whole + (rest > 0.5f || (rest == 0.5f && is_odd)) -
         (rest < -0.5f || (rest == -0.5f && is_odd));
}

CKERNELS_INLINE int32_t rescale_half_away(int32_t sum, double scale) {
  return round_half_away(sum * scale);
}

CKERNELS_INLINE int32_t rescale_half_even(int32_t sum, double scale) {
  return round_half_even(static_cast<float>(sum) * static_cast<float>(scale));
}

/// Requantizes channels from `first_channel` on by `rescale(sum, scale)`.
template <int32_t (*rescale)(int32_t, double)>
CKERNELS_INLINE void requantize_scaled(const RequantizationTile &tile, int32_t first_channel = 0) {
  for (int64_t pixel = 0; pixel < tile.pixel_count; ++pixel) {
    const int32_t *accumulators = tile.accumulators + pixel * tile.accumulator_stride;
    int8_t *output = tile.output + pixel * tile.output_stride;
    for (int32_t channel = first_channel; channel < tile.channels; ++channel) {
      const int32_t sum = wrapping_add(accumulators[channel], tile.bias[channel]);
      output[channel] = eight_bit_output(rescale(sum, tile.scales[channel]), tile.output_zero_point,
                                         tile.clamp_min, tile.clamp_max) ^
                        tile.flipped_bits;
    }
  }
}

CKERNELS_INLINE void finish_float32(const FloatOutputTile &tile) {
  const float *__restrict bias = tile.bias;
  for (int64_t pixel = 0; pixel < tile.pixel_count; ++pixel) {
    const float *__restrict accumulators = tile.accumulators + pixel * tile_channels;
    float *__restrict output = tile.output + pixel * tile.output_stride;
    for (int32_t channel = 0; channel < tile.channels; ++channel)
      output[channel] =
          limited(accumulators[channel] + bias[channel], tile.clamp_min, tile.clamp_max);
  }
}

/// Adds the elements from `first` on; the vector kernels leave it their remainder.
CKERNELS_INLINE void add(const int8_t *a, const int8_t *b, int64_t first, int64_t count,
                         const ck_addition &addition, int8_t *output) {
  for (int64_t i = first; i < count; ++i) {
    const int32_t a_shifted =
        wrapping_shift_left(a[i] - addition.a_zero_point, addition.left_shift);
    const int32_t b_shifted =
        wrapping_shift_left(b[i] - addition.b_zero_point, addition.left_shift);
    const int32_t sum =
        wrapping_add(ckernels::requantize(a_shifted, addition.a_multiplier, addition.a_shift),
                     ckernels::requantize(b_shifted, addition.b_multiplier, addition.b_shift));
    const int32_t scaled =
        ckernels::requantize(sum, addition.output_multiplier, addition.output_shift);
    output[i] = eight_bit_output(scaled, addition.output_zero_point, addition.clamp_min,
                                 addition.clamp_max);
  }
}

CKERNELS_INLINE void widen(const int8_t *__restrict input, int64_t count, uint8_t flipped_bits,
                           int32_t zero_point, int16_t *__restrict output) {
  for (int64_t i = 0; i < count; ++i) {
    const int8_t value = static_cast<int8_t>(input[i] ^ flipped_bits);
    output[i] = static_cast<int16_t>(value - zero_point);
  }
}

CKERNELS_INLINE void flip(const int8_t *__restrict input, int64_t count, uint8_t flipped_bits,
                          uint8_t *__restrict output) {
  for (int64_t i = 0; i < count; ++i) output[i] = static_cast<uint8_t>(input[i]) ^ flipped_bits;
}

CKERNELS_INLINE void accumulate(const int8_t *__restrict input, int64_t count,
                                int32_t *__restrict sums) {
  for (int64_t i = 0; i < count; ++i) sums[i] = wrapping_add(sums[i], input[i]);
}

CKERNELS_INLINE void maximize(const int8_t *__restrict input, int64_t count,
                              int8_t *__restrict largest) {
  for (int64_t i = 0; i < count; ++i) largest[i] = input[i] > largest[i] ? input[i] : largest[i];
}

}  // namespace portable
}  // namespace ckernels
