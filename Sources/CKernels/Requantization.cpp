#include "Requantization.h"

#include "AlignedBuffer.h"
#include "FixedPoint.h"

namespace ckernels {

static void (*requantization_kernel(ck_rounding rounding))(const RequantizationTile &) {
  switch (rounding) {
    case ck_rounding_half_away: return instruction_set().requantize_half_away;
    case ck_rounding_half_even: return instruction_set().requantize_half_even;
    case ck_rounding_fixed_point: break;
  }
  return instruction_set().requantize_fixed_point;
}

/// Parameters from channel `index` on; absent ones stay absent.
template <typename Parameter>
static const Parameter *from_channel(const Parameter *parameters, int32_t index) {
  return parameters == nullptr ? nullptr : parameters + index;
}

Requantizer::Requantizer(const ck_requantization &parameters, const int32_t *bias, int32_t channels)
    : bias(bias),
      multipliers(parameters.multipliers),
      shifts(parameters.shifts),
      scales(parameters.scales),
      output_zero_point(eight_bit_zero_point(parameters.output_zero_point)),
      clamp_min(limited(parameters.clamp_min, -128, 127)),
      clamp_max(limited(parameters.clamp_max, -128, 127)),
      flipped_bits(sign_flip(parameters)),
      channels(channels),
      kernel(requantization_kernel(parameters.rounding)) {}

void Requantizer::run(const int32_t *accumulators, int64_t accumulator_stride, int64_t pixels,
                      int32_t first_channel, int32_t count, int8_t *output,
                      int64_t output_stride) const {
  kernel({accumulators, accumulator_stride, pixels, count, bias + first_channel,
          from_channel(multipliers, first_channel), from_channel(shifts, first_channel),
          from_channel(scales, first_channel), output_zero_point, clamp_min, clamp_max, output,
          output_stride, flipped_bits});
}

}  // namespace ckernels

using namespace ckernels;

int32_t ck_requantize(int32_t value, int32_t multiplier, int32_t shift) {
  return requantize(value, multiplier, shift);
}

void ck_requantize_i32_to_i8(const int32_t *accumulators, int32_t height, int32_t width,
                             int32_t channels, const ck_requantization *requantization,
                             int8_t *output, int64_t output_row_stride,
                             int64_t output_pixel_stride) {
  if (height < 1 || width < 1 || channels < 1) return;
  AlignedBuffer zeros;
  const int32_t *bias = requantization->bias;
  if (bias == nullptr) {
    zeros = AlignedBuffer(channels * int64_t{sizeof(int32_t)});
    bias = zeros.as<int32_t>();
    if (bias == nullptr) std::abort();
  }
  const Requantizer requantizer(*requantization, bias, channels);
  // Rows that follow each other are one: channels have preparations that are worth sharing.
  if (output_row_stride == width * output_pixel_stride)
    return requantizer.run(accumulators, channels, int64_t{height} * width, 0, channels, output,
                           output_pixel_stride);
  for (int64_t row = 0; row < height; ++row)
    requantizer.run(accumulators + row * width * channels, channels, width, 0, channels,
                    output + row * output_row_stride, output_pixel_stride);
}
