#include "WideRequantization.h"

#include "FixedPoint.h"
#include "Multiversion.h"
#include "PortableLoops.h"

#pragma STDC FP_CONTRACT OFF

namespace ckernels {

namespace {

/// See `ck_requantize_i64`.
inline int32_t requantize_wide(int64_t value, int32_t multiplier, int32_t shift) {
  const int64_t reduced = multiplier < 0x7FFF0000 ? (multiplier + (1 << 15)) >> 16 : 0x7FFF;
  const int32_t right = 15 - limited(shift, -31, 14);
  const uint64_t product = static_cast<uint64_t>(value) * static_cast<uint64_t>(reduced);
  const int64_t rounded = static_cast<int64_t>(product + (uint64_t{1} << (right - 1))) >> right;
  return static_cast<int32_t>(limited<int64_t>(rounded, INT32_MIN, INT32_MAX));
}

/// Requantizes by `rescale(sum, channel)`.
template <typename Rescale>
void for_each_sum(const WideRequantizer &requantizer, const int64_t *sums, int64_t sum_stride,
                  int64_t pixels, int32_t first_channel, int32_t count, int16_t *output,
                  int64_t output_stride, const Rescale &rescale) {
  const ck_requantization_i16 parameters = requantizer.parameters;
  vectorized(CKERNELS_LOOP {
    for (int64_t pixel = 0; pixel < pixels; ++pixel) {
      for (int32_t i = 0; i < count; ++i) {
        const int32_t channel = first_channel + i;
        const uint64_t bias = static_cast<uint64_t>(parameters.bias[channel]);
        const uint64_t sum = static_cast<uint64_t>(sums[pixel * sum_stride + i]) + bias;
        const int32_t scaled = rescale(static_cast<int64_t>(sum), channel);
        output[pixel * output_stride + i] = quantized_output<int16_t>(
            scaled, parameters.output_zero_point, parameters.clamp_min, parameters.clamp_max);
      }
    }
  });
}

}  // namespace

WideRequantizer::WideRequantizer(const ck_requantization_i16 &parameters, int32_t channels)
    : zeros(parameters.bias == nullptr ? channels * int64_t{sizeof(int64_t)} : 0),
      parameters(parameters) {
  if (parameters.bias == nullptr) this->parameters.bias = zeros.as<int64_t>();
  if (this->parameters.bias == nullptr) std::abort();
  this->parameters.output_zero_point = static_cast<int16_t>(parameters.output_zero_point);
  this->parameters.clamp_min = limited_to<int16_t>(parameters.clamp_min);
  this->parameters.clamp_max = limited_to<int16_t>(parameters.clamp_max);
}

void WideRequantizer::run(const int64_t *sums, int64_t sum_stride, int64_t pixels,
                          int32_t first_channel, int32_t count, int16_t *output,
                          int64_t output_stride) const {
  const auto run_with = [&](const auto &rescale) {
    for_each_sum(*this, sums, sum_stride, pixels, first_channel, count, output, output_stride,
                 rescale);
  };
  const int32_t *multipliers = parameters.multipliers, *shifts = parameters.shifts;
  const double *scales = parameters.scales;
  const bool is_narrow = parameters.accumulator_bits == 32;
  switch (parameters.rounding) {
    case ck_rounding_fixed_point:
      if (is_narrow)
        return run_with([=](int64_t sum, int32_t channel) __attribute__((always_inline)) {
          return requantize(static_cast<int32_t>(sum), multipliers[channel], shifts[channel]);
        });
      return run_with([=](int64_t sum, int32_t channel) __attribute__((always_inline)) {
        return requantize_wide(sum, multipliers[channel], shifts[channel]);
      });
    case ck_rounding_half_away:
      return run_with([=](int64_t sum, int32_t channel) __attribute__((always_inline)) {
        const int64_t kept = is_narrow ? static_cast<int32_t>(sum) : sum;
        return portable::round_half_away(static_cast<double>(kept) * scales[channel]);
      });
    case ck_rounding_half_even:
      return run_with([=](int64_t sum, int32_t channel) __attribute__((always_inline)) {
        const int64_t kept = is_narrow ? static_cast<int32_t>(sum) : sum;
        return portable::round_half_even(static_cast<float>(kept) *
                                         static_cast<float>(scales[channel]));
      });
  }
}

}  // namespace ckernels

int32_t ck_requantize_i64(int64_t value, int32_t multiplier, int32_t shift) {
  return ckernels::requantize_wide(value, multiplier, shift);
}
