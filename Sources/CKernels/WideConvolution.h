#pragma once

#include "Tiling.h"

/// Tile kernels with 16-bit activations: sums of 64 bits, made of sums of 32 bits that cannot
/// overflow.
namespace ckernels {

void dense_wide(const DenseTile &tile, int64_t *accumulators);
void depthwise_wide(const DepthwiseStrip &strip, int64_t *accumulators);

}  // namespace ckernels
