#pragma once

#include "AlignedBuffer.h"
#include "CKernels.h"

/// What a convolution writes for itself alone. Each part grows to the most that a call needed.
struct ck_scratch {
  /// The converted activations of an `InputBlock`, and where its pixels are.
  ckernels::AlignedBuffer activations, pixels;
  /// Where the taps of a depthwise window are, seen from its pixel.
  ckernels::AlignedBuffer tap_offsets;
  ckernels::AlignedBuffer channel_offsets;
};
