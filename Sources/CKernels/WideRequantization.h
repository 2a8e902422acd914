#pragma once

#include "AlignedBuffer.h"
#include "CKernels.h"

namespace ckernels {

/// Requantizes parts of a convolution's 64-bit sums to 16 bits.
struct WideRequantizer {
  /// The bias that is added where the caller has none.
  AlignedBuffer zeros;
  /// With a bias, and zero point and range within 16 bits.
  ck_requantization_i16 parameters;

  WideRequantizer(const ck_requantization_i16 &parameters, int32_t channels);

  /// Writes channels `first_channel ..< first_channel + count` of `pixels` pixels. Both pointers
  /// are at the first pixel's first channel; strides are elements from pixel to pixel.
  void run(const int64_t *sums, int64_t sum_stride, int64_t pixels, int32_t first_channel,
           int32_t count, int16_t *output, int64_t output_stride) const;
};

}  // namespace ckernels
