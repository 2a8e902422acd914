#pragma once

#include "AlignedBuffer.h"
#include "CKernels.h"
#include "InstructionSet.h"

namespace ckernels {

/// How many panels so many channels fill, the last one perhaps in part.
inline int64_t panels_of(int64_t channels) {
  return (channels + panel_channels - 1) / panel_channels;
}

}  // namespace ckernels

/// Weights as the tile kernels read them: panel after panel, in each the blocks of input channels,
/// in each of those the groups (dense) or taps (depthwise), in those the 16 channels. What a panel, a
/// group or a pair lacks is filled with zeros.
struct ck_packed_weights {
  ckernels::Layout layout;
  int32_t output_channels, kernel_height, kernel_width;
  /// 1 for depthwise weights.
  int32_t input_channels;
  /// Dense: the input channels of a block, whose products are summed by themselves; the last block
  /// may have fewer. More than one block is for `Layout::float32` alone.
  int32_t block_channels;
  bool is_depthwise;
  /// Dense: groups of a kernel row, or of a pixel where there are several blocks. Depthwise: taps,
  /// padded to pairs where the layout has pairs.
  int64_t steps;
  /// Bytes from one panel to the next.
  int64_t panel_stride;
  ckernels::AlignedBuffer panels;
  /// `Layout::quads8` only: Σ weights per output channel, to take the activations' offset out
  /// again.
  ckernels::AlignedBuffer channel_sums;
  /// `channel_offsets` for activations of this zero point; empty if none is expected.
  ckernels::AlignedBuffer expected_offsets;
  int32_t expected_zero_point;
};
