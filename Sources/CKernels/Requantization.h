#pragma once

#include "CKernels.h"
#include "InstructionSet.h"

namespace ckernels {

/// What makes signed bytes of unsigned ones and back, or changes nothing where bytes are signed.
inline uint8_t sign_flip(const ck_requantization &parameters) {
  return parameters.is_unsigned != 0 ? 0x80 : 0;
}

/// Requantizes parts of a convolution's output.
struct Requantizer {
  /// One per output channel each; `bias` replaces the one of the parameters.
  const int32_t *bias, *multipliers, *shifts;
  const double *scales;
  int32_t output_zero_point, clamp_min, clamp_max;
  uint8_t flipped_bits;
  int32_t channels;
  void (*kernel)(const RequantizationTile &);

  Requantizer(const ck_requantization &parameters, const int32_t *bias, int32_t channels);

  /// Writes channels `first_channel ..< first_channel + count` of `pixels` pixels. Both pointers
  /// are at the first pixel's first channel; strides are elements from pixel to pixel.
  void run(const int32_t *accumulators, int64_t accumulator_stride, int64_t pixels,
           int32_t first_channel, int32_t count, int8_t *output, int64_t output_stride) const;
};

}  // namespace ckernels
