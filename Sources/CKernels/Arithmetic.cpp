#include "FixedPoint.h"
#include "Multiversion.h"

// A product is rounded before anything is added to it, unless the code says otherwise.
#pragma STDC FP_CONTRACT OFF

using namespace ckernels;

namespace {

/// A copy whose zero points and range fit the element type.
template <typename Element>
ck_addition sound(const ck_addition &addition) {
  ck_addition result = addition;
  result.a_zero_point = static_cast<Element>(addition.a_zero_point);
  result.b_zero_point = static_cast<Element>(addition.b_zero_point);
  result.output_zero_point = static_cast<Element>(addition.output_zero_point);
  result.left_shift = limited(addition.left_shift, 0, 31);
  result.clamp_min = limited_to<Element>(addition.clamp_min);
  result.clamp_max = limited_to<Element>(addition.clamp_max);
  return result;
}

/// Adds or subtracts (`b_sign` −1).
template <int32_t b_sign, typename Element>
void add(const Element *a, const Element *b, int64_t count, const ck_addition &parameters,
         Element *output) {
  const ck_addition addition = sound<Element>(parameters);
  vectorized(CKERNELS_LOOP {
    for (int64_t i = 0; i < count; ++i) {
      const int32_t a_scaled =
          requantize(wrapping_shift_left(a[i] - addition.a_zero_point, addition.left_shift),
                     addition.a_multiplier, addition.a_shift);
      const int32_t b_scaled =
          requantize(wrapping_shift_left(b[i] - addition.b_zero_point, addition.left_shift),
                     addition.b_multiplier, addition.b_shift);
      const int32_t sum = wrapping_add(a_scaled, wrapping_multiply(b_sign, b_scaled));
      output[i] = quantized_output<Element>(
          requantize(sum, addition.output_multiplier, addition.output_shift),
          addition.output_zero_point, addition.clamp_min, addition.clamp_max);
    }
  });
}

/// As `add`, in float32.
void add_single(const int8_t *a, const int8_t *b, int64_t count, const ck_addition &addition,
                int8_t *output) {
  const float a_factor = addition.a_factor, b_factor = addition.b_factor;
  const float offset = addition.offset;
  const int32_t origin = addition.origin == 0 ? 0 : 128;
  const float lowest = static_cast<float>(addition.clamp_min + origin);
  const float highest = static_cast<float>(addition.clamp_max + origin);
  vectorized(CKERNELS_LOOP {
    for (int64_t i = 0; i < count; ++i) {
      const float part = __builtin_fmaf(static_cast<float>(b[i] + origin), b_factor, offset);
      const float sum = __builtin_fmaf(static_cast<float>(a[i] + origin), a_factor, part);
      const float bounded = limited(__builtin_rintf(sum), lowest, highest);
      output[i] = static_cast<int8_t>(static_cast<int32_t>(bounded) - origin);
    }
  });
}

/// As `multiply`, in float32.
void multiply_single(const int8_t *a, const int8_t *b, int64_t count,
                     const ck_multiplication &multiplication, int8_t *output) {
  const float factor = multiplication.factor;
  const int32_t a_zero_point = static_cast<int8_t>(multiplication.a_zero_point);
  const int32_t b_zero_point = static_cast<int8_t>(multiplication.b_zero_point);
  const float zero_point = static_cast<int8_t>(multiplication.output_zero_point);
  const float lowest = static_cast<float>(limited_to<int8_t>(multiplication.clamp_min));
  const float highest = static_cast<float>(limited_to<int8_t>(multiplication.clamp_max));
  vectorized(CKERNELS_LOOP {
    for (int64_t i = 0; i < count; ++i) {
      const float product = static_cast<float>((a[i] - a_zero_point) * (b[i] - b_zero_point));
      const float scaled = product * factor;
      const float sum = scaled + zero_point;
      output[i] = static_cast<int8_t>(limited(__builtin_rintf(sum), lowest, highest));
    }
  });
}

template <typename Element>
void multiply(const Element *a, const Element *b, int64_t count,
              const ck_multiplication &multiplication, Element *output) {
  const int32_t multiplier = multiplication.multiplier, shift = multiplication.shift;
  const int32_t a_zero_point = static_cast<Element>(multiplication.a_zero_point);
  const int32_t b_zero_point = static_cast<Element>(multiplication.b_zero_point);
  const int32_t zero_point = static_cast<Element>(multiplication.output_zero_point);
  const int32_t clamp_min = limited_to<Element>(multiplication.clamp_min);
  const int32_t clamp_max = limited_to<Element>(multiplication.clamp_max);
  vectorized(CKERNELS_LOOP {
    for (int64_t i = 0; i < count; ++i) {
      const int32_t product = wrapping_multiply(a[i] - a_zero_point, b[i] - b_zero_point);
      output[i] = quantized_output<Element>(requantize(product, multiplier, shift), zero_point,
                                            clamp_min, clamp_max);
    }
  });
}

template <int32_t b_sign>
void add_power_of_two(const int16_t *a, int32_t a_right_shift, const int16_t *b,
                      int32_t b_right_shift, int64_t count, int32_t clamp_min, int32_t clamp_max,
                      int16_t *output) {
  const int32_t a_shift = limited(a_right_shift, 0, 31), b_shift = limited(b_right_shift, 0, 31);
  const int32_t low = limited_to<int16_t>(clamp_min), high = limited_to<int16_t>(clamp_max);
  vectorized(CKERNELS_LOOP {
    for (int64_t i = 0; i < count; ++i) {
      const int32_t sum = rounding_divide_by_power_of_two(a[i], a_shift) +
                          b_sign * rounding_divide_by_power_of_two(b[i], b_shift);
      output[i] = static_cast<int16_t>(limited(sum, low, high));
    }
  });
}

}  // namespace

void ck_add_i8(const int8_t *a, const int8_t *b, int64_t count, const ck_addition *addition,
               int8_t *output) {
  const ck_addition form = sound<int8_t>(*addition);
  if (form.is_single != 0) return add_single(a, b, count, form, output);
  instruction_set().add(a, b, count, form, output);
}

void ck_add_i16(const int16_t *a, const int16_t *b, int64_t count, const ck_addition *addition,
                int16_t *output) {
  add<1>(a, b, count, *addition, output);
}

void ck_subtract_i8(const int8_t *a, const int8_t *b, int64_t count, const ck_addition *addition,
                    int8_t *output) {
  add<-1>(a, b, count, *addition, output);
}

void ck_subtract_i16(const int16_t *a, const int16_t *b, int64_t count, const ck_addition *addition,
                     int16_t *output) {
  add<-1>(a, b, count, *addition, output);
}

void ck_add_power_of_two_i16(const int16_t *a, int32_t a_right_shift, const int16_t *b,
                             int32_t b_right_shift, int64_t count, int32_t clamp_min,
                             int32_t clamp_max, int16_t *output) {
  add_power_of_two<1>(a, a_right_shift, b, b_right_shift, count, clamp_min, clamp_max, output);
}

void ck_subtract_power_of_two_i16(const int16_t *a, int32_t a_right_shift, const int16_t *b,
                                  int32_t b_right_shift, int64_t count, int32_t clamp_min,
                                  int32_t clamp_max, int16_t *output) {
  add_power_of_two<-1>(a, a_right_shift, b, b_right_shift, count, clamp_min, clamp_max, output);
}

void ck_multiply_i8(const int8_t *a, const int8_t *b, int64_t count,
                    const ck_multiplication *multiplication, int8_t *output) {
  if (multiplication->is_single != 0)
    return multiply_single(a, b, count, *multiplication, output);
  multiply(a, b, count, *multiplication, output);
}

void ck_multiply_i16(const int16_t *a, const int16_t *b, int64_t count,
                     const ck_multiplication *multiplication, int16_t *output) {
  multiply(a, b, count, *multiplication, output);
}
