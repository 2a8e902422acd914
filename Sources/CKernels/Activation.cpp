#include "FixedPoint.h"
#include "Multiversion.h"

using namespace ckernels;

namespace {

/// Applies a function of one 8-bit value, of which there are only 256 answers.
template <typename Element, typename Function>
void map_eight_bits(const Element *input, int64_t count, const Function &function,
                    Element *output) {
  Element results[256];
  for (int32_t bits = 0; bits < 256; ++bits) results[bits] = function(static_cast<Element>(bits));
  for (int64_t i = 0; i < count; ++i) output[i] = results[static_cast<uint8_t>(input[i])];
}

template <typename Element>
inline Element leaky_relu(Element x, const ck_leaky_relu &parameters) {
  const int32_t value = x - static_cast<Element>(parameters.input_zero_point);
  const bool is_positive = value >= 0;
  const int32_t multiplier = is_positive ? parameters.multiplier : parameters.alpha_multiplier;
  const int32_t shift = is_positive ? parameters.shift : parameters.alpha_shift;
  const int32_t sign = multiplier < 0 ? -1 : 1;
  const int32_t scaled = wrapping_multiply(sign, requantize(value, sign * multiplier, shift));
  return quantized_output<Element>(scaled, static_cast<Element>(parameters.output_zero_point),
                                   std::numeric_limits<Element>::min(),
                                   std::numeric_limits<Element>::max());
}

// MARK: Hard swish

/// gemmlowp's SaturatingRoundingDoublingHighMul of 16 bits: `round(a · b / 2¹⁵)`, halves up.
int32_t rounding_multiply_16(int32_t a, int32_t b) {
  return limited((a * b + (1 << 14)) >> 15, INT16_MIN, INT16_MAX);
}

int32_t saturating_shift_16(int32_t value, int32_t amount) {
  return static_cast<int32_t>(
      limited<int64_t>(int64_t{value} * (int64_t{1} << amount), INT16_MIN, INT16_MAX));
}

/// `min(max((x + 3) / 6, 0), 1)` in Q0.15, for x in Q-scale of `hard_swish`.
int32_t hard_sigmoid(int32_t x, const ck_hard_swish &parameters) {
  const int32_t exponent = limited(parameters.reluish_shift, -31, 31);
  const int32_t multiplier = limited_to<int16_t>(parameters.reluish_multiplier);
  // All but one bit of a left shift comes before the multiplication, where what saturates is made
  // good by the last bit.
  int32_t value = exponent > 0 ? saturating_shift_16(x, exponent - 1) : x;
  value = rounding_multiply_16(value, multiplier);
  if (exponent > 0) value = saturating_shift_16(value, 1);
  if (exponent < 0) value = rounding_divide_by_power_of_two(value, -exponent);
  return (value + (1 << 15)) >> 1;
}

int8_t hard_swish(int8_t q, const ck_hard_swish &parameters) {
  // 9 bits of difference, moved to the top of 16.
  const int32_t x = (q - eight_bit_zero_point(parameters.input_zero_point)) * (1 << 7);
  const int32_t scaled = rounding_multiply_16(x, limited_to<int16_t>(parameters.output_multiplier));
  // Towards zero, against the bias of the roundings before.
  const int32_t product = hard_sigmoid(x, parameters) * scaled / (1 << 15);
  const int32_t result =
      rounding_divide_by_power_of_two(product, -limited(parameters.output_shift, -31, 0));
  return eight_bit_output(result, eight_bit_zero_point(parameters.output_zero_point), -128, 127);
}

}  // namespace

void ck_leaky_relu_i8(const int8_t *input, int64_t count, const ck_leaky_relu *parameters,
                      int8_t *output) {
  map_eight_bits(input, count, [&](int8_t x) { return leaky_relu(x, *parameters); }, output);
}

void ck_leaky_relu_i16(const int16_t *input, int64_t count, const ck_leaky_relu *parameters,
                       int16_t *output) {
  const ck_leaky_relu copy = *parameters;
  vectorized(CKERNELS_LOOP {
    for (int64_t i = 0; i < count; ++i) output[i] = leaky_relu(input[i], copy);
  });
}

void ck_relu_i16(const int16_t *input, int64_t count, int32_t multiplier, int32_t shift,
                 int32_t clamp_min, int32_t clamp_max, int16_t *output) {
  const int32_t low = limited_to<int16_t>(clamp_min), high = limited_to<int16_t>(clamp_max);
  vectorized(CKERNELS_LOOP {
    for (int64_t i = 0; i < count; ++i)
      output[i] = quantized_output<int16_t>(requantize(input[i], multiplier, shift), 0, low, high);
  });
}

void ck_prelu_i8(const int8_t *input, const int8_t *alpha, int64_t rows, int64_t channels,
                 const ck_prelu *parameters, int8_t *output) {
  const ck_prelu copy = *parameters;
  const int32_t input_zero_point = eight_bit_zero_point(copy.input_zero_point);
  const int32_t alpha_zero_point = eight_bit_zero_point(copy.alpha_zero_point);
  const int32_t zero_point = eight_bit_zero_point(copy.output_zero_point);
  vectorized(CKERNELS_LOOP {
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t i = 0; i < channels; ++i) {
        const int32_t value = input[row * channels + i] - input_zero_point;
        const bool is_positive = value >= 0;
        const int32_t product = value * (is_positive ? 1 : alpha[i] - alpha_zero_point);
        const int32_t scaled =
            requantize(product, is_positive ? copy.multiplier : copy.alpha_multiplier,
                       is_positive ? copy.shift : copy.alpha_shift);
        output[row * channels + i] = quantized_output<int8_t>(scaled, zero_point, -128, 127);
      }
    }
  });
}

void ck_hard_swish_i8(const int8_t *input, int64_t count, const ck_hard_swish *parameters,
                      int8_t *output) {
  map_eight_bits(input, count, [&](int8_t x) { return hard_swish(x, *parameters); }, output);
}
