#pragma once

#include <cstdint>

#include "CKernels.h"

/// The innermost loops, once per instruction set, behind one table.
///
/// All layouts share one geometry: a *group* is 4 bytes of activations, and a *panel* holds the
/// weights of 16 output channels, 64 bytes per group. A group is one float, two 16-bit or four
/// 8-bit activations.
namespace ckernels {

/// Output channels of a panel.
constexpr int32_t panel_channels = 16;
/// Output pixels and panels that one call of a tile kernel covers at most.
constexpr int32_t tile_pixels = 8;
constexpr int32_t tile_panels = 4;
/// Accumulators of a tile: [tile_pixels][tile_channels], whatever part of it is used.
constexpr int32_t tile_channels = tile_panels * panel_channels;
constexpr int32_t group_bytes = 4;
constexpr int32_t panel_group_bytes = panel_channels * group_bytes;

/// The order of a panel's channels in packed 8-bit depthwise weights: what interleaving two 256-bit
/// vectors of 16-bit activations yields.
constexpr int32_t depthwise_channel_order[panel_channels] = {0, 1, 2, 3, 8,  9,  10, 11,
                                                             4, 5, 6, 7, 12, 13, 14, 15};

/// How activations and weights lie in memory for a tile kernel.
enum class Layout : uint8_t {
  /// 16-bit activations and weights, zero points subtracted; groups of 2.
  pairs16,
  /// 8-bit activations + `quads8_offset` and 8-bit weights of zero point 0; groups of 4.
  quads8,
  float32,
};

/// The operands of one dense tile: every pixel's activations are `runs` runs of `groups`
/// consecutive groups.
struct DenseTile {
  const uint8_t *const *pixels;
  int32_t pixel_count, panel_count;
  int64_t runs, groups;
  /// Bytes from a pixel to each of its runs.
  const int64_t *run_offsets;
  const uint8_t *weights;
  /// Bytes from one panel to the next.
  int64_t panel_stride;
  /// Whether sums of real numbers are added to what is in the accumulators.
  bool adds;
};

/// The operands of a depthwise strip of any number of pixels: every pixel's activations are `taps`
/// vectors of `panel_count` panels' channels.
struct DepthwiseStrip {
  const uint8_t *const *pixels;
  int32_t pixel_count, panel_count;
  /// Bytes from a pixel to each of its taps. Pairs of 16-bit taps are complete: their number is
  /// even.
  const int64_t *tap_offsets;
  int64_t taps;
  const uint8_t *weights;
  int64_t panel_stride;
};

/// Accumulators [pixel_count][tile_channels] of which the first `channels` of each pixel are
/// wanted, with the parameters of exactly those channels.
struct RequantizationTile {
  const int32_t *accumulators;
  /// Elements from pixel to pixel; as many can be read at each, the last one included.
  int64_t accumulator_stride;
  int64_t pixel_count;
  int32_t channels;
  /// Never null here.
  const int32_t *bias;
  /// For fixed point.
  const int32_t *multipliers, *shifts;
  /// For the other roundings.
  const double *scales;
  /// All within −128 ... 127.
  int32_t output_zero_point, clamp_min, clamp_max;
  int8_t *output;
  int64_t output_stride;
  /// What every byte of the output is XORed with at last.
  uint8_t flipped_bits;
};

/// Float sums [pixel_count][tile_channels], of which the first `channels` of each pixel are wanted.
struct FloatOutputTile {
  const float *accumulators;
  int64_t pixel_count;
  int32_t channels;
  /// Of exactly those channels; never null here.
  const float *bias;
  float clamp_min, clamp_max;
  float *output;
  int64_t output_stride;
};

/// One implementation of every inner loop.
struct InstructionSet {
  const char *name;
  /// The layout of dense 8-bit convolutions whose weights have zero point 0.
  Layout symmetric_layout;
  /// What `Layout::quads8` adds to activations: 128 where they are multiplied as unsigned numbers,
  /// 0 where as signed ones.
  int32_t quads8_offset;

  /// Output pixels whose sums registers can hold, of 1 ... `tile_panels` panels: as many as one call
  /// of a dense kernel covers.
  int32_t dense_pixels[tile_panels];

  /// Write the sums of a tile or strip to accumulators [pixel_count][tile_channels]; those of floats
  /// by `ck_products`.
  void (*dense_pairs16)(const DenseTile &, int32_t *accumulators);
  void (*dense_quads8)(const DenseTile &, int32_t *accumulators);
  void (*dense_float32[2])(const DenseTile &, float *accumulators);
  void (*depthwise_pairs16)(const DepthwiseStrip &, int32_t *accumulators);
  void (*depthwise_float32[2])(const DepthwiseStrip &, float *accumulators);

  void (*requantize_fixed_point)(const RequantizationTile &);
  void (*requantize_half_away)(const RequantizationTile &);
  void (*requantize_half_even)(const RequantizationTile &);
  /// `output = min(max(sum + bias, clamp_min), clamp_max)`.
  void (*finish_float32)(const FloatOutputTile &);
  void (*add)(const int8_t *a, const int8_t *b, int64_t count, const ck_addition &, int8_t *output);

  /// `output = (input XOR flipped_bits) − zero_point` in 16 bits.
  void (*widen)(const int8_t *input, int64_t count, uint8_t flipped_bits, int32_t zero_point,
                int16_t *output);
  /// `output = input XOR flipped_bits`.
  void (*flip)(const int8_t *input, int64_t count, uint8_t flipped_bits, uint8_t *output);

  /// `sums += input`, and `largest = max(largest, input)`, element by element.
  void (*accumulate)(const int8_t *input, int64_t count, int32_t *sums);
  void (*maximize)(const int8_t *input, int64_t count, int8_t *largest);
};

/// The best set this processor has and `DOVETAIL_ISA` allows: with the name of a set, it forbids every better one.
const InstructionSet &best_instruction_set();

/// The set chosen at the first call.
inline const InstructionSet &instruction_set() {
  static const InstructionSet &chosen = best_instruction_set();
  return chosen;
}

extern const InstructionSet scalar_instruction_set;
#if defined(__x86_64__)
extern const InstructionSet avx2_instruction_set;
extern const InstructionSet avx512_instruction_set;
#elif defined(__aarch64__)
extern const InstructionSet neon_instruction_set;
extern const InstructionSet neon_dot_instruction_set;
#endif

}  // namespace ckernels
