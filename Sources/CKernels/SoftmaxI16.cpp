#include <algorithm>
#include <cmath>

#include "CKernels.h"
#include "FixedPoint.h"

#pragma STDC FP_CONTRACT OFF

namespace ckernels {
namespace {

/// A function on an interval, onto −1 ... 1 in Q0.15, from 512 pieces of straight lines: TFLite's
/// 16-bit table, whose samples are moved by half of the error that interpolation makes in the
/// middle between them.
class InterpolationTable {
 public:
  InterpolationTable(double (*function)(double), double first, double last) {
    const double step = (last - first) / pieces;
    const double lowest_output = 2.0 / 65535 * INT16_MIN, highest_output = 2.0 / 65535 * INT16_MAX;
    const double steps_per_unit = 65536 / (highest_output - lowest_output);
    for (int32_t i = 0; i < pieces; ++i) {
      const double sample = std::round(function(first + i * step) * steps_per_unit);
      const double next = function(first + (i + 1) * step) * steps_per_unit;
      const double middle = std::round(function(first + i * step + step / 2) * steps_per_unit);
      const double error = std::round((next + sample) / 2) - middle;
      samples[i] = limited_sample(sample - std::round(error / 2));
    }
    samples[pieces] = limited_sample(std::round(function(last) * steps_per_unit));
  }

  /// The function at a position from −32768 (the interval's begin) to 32767.
  int32_t operator()(int32_t position) const {
    const int32_t index = 256 + (position >> 7);
    const int32_t slope = static_cast<int16_t>(samples[index + 1] - samples[index]);
    return static_cast<int16_t>(samples[index] + ((slope * (position & 127) + 64) >> 7));
  }

 private:
  static constexpr int32_t pieces = 512;

  static int16_t limited_sample(double value) {
    return static_cast<int16_t>(limited<double>(value, INT16_MIN, INT16_MAX));
  }

  int16_t samples[pieces + 1];
};

/// `exp(x)` for x in −10 ... 0.
int32_t exponential(int32_t position) {
  static const InterpolationTable table([](double x) { return std::exp(x); },
                                        10.0 / 65535 * (INT16_MIN - 32767), 0);
  return table(position);
}

/// `1 / (1 + x)` for x in 0 ... 1.
int32_t reciprocal(int32_t position) {
  static const InterpolationTable table([](double x) { return 1.0 / (1.0 + x); }, 0,
                                        1.0 / 65535 * (INT16_MAX + 32768));
  return table(position);
}

void softmax_row(const int16_t *input, int32_t depth, int32_t multiplier, int32_t shift,
                 int16_t *output) {
  const int32_t largest = *std::max_element(input, input + depth);
  int64_t sum = 0;
  for (int32_t i = 0; i < depth; ++i) {
    const int32_t difference = requantize(input[i] - largest, multiplier, shift);
    output[i] = static_cast<int16_t>(
        exponential(limited(wrapping_add(difference, 32767), INT16_MIN, INT16_MAX)));
    sum += output[i];
  }
  // From a sum of 2¹⁶ on, no quotient exceeds half a step. (Exponentials may be negative only with
  // a multiplier below 0.)
  if (sum <= 0 || sum > INT32_MAX) {
    std::fill(output, output + depth, 0);
    return;
  }
  const int32_t headroom = __builtin_clz(static_cast<uint32_t>(sum)) - 1;
  // The sum as 1 + x in Q1.16, of which the reciprocal takes x.
  const int64_t one_plus_x = ((sum << headroom) + (1 << 13)) >> 14;
  const int64_t position =
      limited<int64_t>(one_plus_x - (1 << 16) - (1 << 15), INT16_MIN, INT16_MAX);
  const int64_t factor = reciprocal(static_cast<int32_t>(position));
  const int32_t right = std::max(30 - headroom, 1);
  for (int32_t i = 0; i < depth; ++i) {
    const int64_t quotient = (output[i] * factor + (int64_t{1} << (right - 1))) >> right;
    output[i] = static_cast<int16_t>(limited<int64_t>(quotient, 0, INT16_MAX));
  }
}

}  // namespace
}  // namespace ckernels

void ck_softmax_i16(const int16_t *input, int64_t rows, int32_t depth, int32_t input_multiplier,
                    int32_t input_shift, int16_t *output) {
  if (depth < 1) return;
  for (int64_t row = 0; row < rows; ++row)
    ckernels::softmax_row(input + row * depth, depth, input_multiplier, input_shift,
                          output + row * depth);
}
