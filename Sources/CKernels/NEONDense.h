#pragma once

#include <arm_neon.h>

#include "InstructionSet.h"

/// The loop of dense tiles. Whoever includes it says first, as `CKERNELS_NEON`, which instructions
/// its functions may use.
namespace ckernels {
namespace neon {

/// Vectors of 4 sums that a pixel has in a panel.
constexpr int panel_vectors = panel_channels / 4;

/// One panel of a tile, whose accumulators, at most 6 · 4, stay in registers.
///
/// `Element` says how a group of activations is multiplied with the panel's weights for it.
template <typename Element, int pixel_count>
CKERNELS_NEON static void dense_panel(const DenseTile &tile, const uint8_t *weights,
                                      typename Element::Sum *accumulators) {
  typename Element::Vector sums[pixel_count][panel_vectors] = {};
  const uint8_t *pixels[pixel_count];
  for (int pixel = 0; pixel < pixel_count; ++pixel) pixels[pixel] = tile.pixels[pixel];
  for (int64_t run = 0; run < tile.runs; ++run) {
    const int64_t start = tile.run_offsets[run], end = start + tile.groups * group_bytes;
    for (int64_t offset = start; offset < end; offset += group_bytes) {
      const typename Element::Weights group_weights = Element::load(weights);
      weights += panel_group_bytes;
#pragma clang loop unroll(full)
      for (int pixel = 0; pixel < pixel_count; ++pixel)
        Element::multiply_add(sums[pixel], pixels[pixel] + offset, group_weights);
    }
  }
  for (int pixel = 0; pixel < pixel_count; ++pixel) {
    typename Element::Sum *out = accumulators + pixel * tile_channels;
    if (tile.adds)
      for (int vector = 0; vector < panel_vectors; ++vector) {
        typename Element::Vector there;
        __builtin_memcpy(&there, out + 4 * vector, sizeof there);
        sums[pixel][vector] += there;
      }
    __builtin_memcpy(out, sums[pixel], sizeof sums[pixel]);
  }
}

template <typename Element>
static void dense(const DenseTile &tile, typename Element::Sum *accumulators) {
  using Sum = typename Element::Sum;
  constexpr void (*by_pixel_count[])(const DenseTile &, const uint8_t *, Sum *) = {
      dense_panel<Element, 1>, dense_panel<Element, 2>, dense_panel<Element, 3>,
      dense_panel<Element, 4>, dense_panel<Element, 5>, dense_panel<Element, 6>};
  for (int32_t panel = 0; panel < tile.panel_count; ++panel)
    by_pixel_count[tile.pixel_count - 1](tile, tile.weights + panel * tile.panel_stride,
                                         accumulators + panel * panel_channels);
}

}  // namespace neon
}  // namespace ckernels
