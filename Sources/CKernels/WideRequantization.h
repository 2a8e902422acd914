#pragma once

#include "CKernels.h"

namespace ckernels {

/// Requantizes parts of a convolution's 64-bit sums to 16 bits.
struct WideRequantizer {
  ck_requantization_i16 parameters;

  /// A copy whose zero point, range and shifts fit 16-bit outputs.
  explicit WideRequantizer(const ck_requantization_i16 &parameters);

  /// Writes channels `first_channel ..< first_channel + count` of `pixels` pixels. Both pointers
  /// are at the first pixel's first channel; strides are elements from pixel to pixel.
  void run(const int64_t *sums, int64_t sum_stride, int64_t pixels, int32_t first_channel,
           int32_t count, int16_t *output, int64_t output_stride) const;
};

}  // namespace ckernels
