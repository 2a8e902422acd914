#include <type_traits>

#include "FixedPoint.h"
#include "Multiversion.h"

#pragma STDC FP_CONTRACT OFF

using namespace ckernels;

namespace {

/// `value + zero_point` within the range of an integer type.
template <typename Element>
inline Element saturated(int64_t value, int32_t zero_point) {
  return static_cast<Element>(limited<int64_t>(value + zero_point,
                                               std::numeric_limits<Element>::min(),
                                               std::numeric_limits<Element>::max()));
}

template <typename Input, typename Output>
void requantize_all(const Input *input, int64_t count, const ck_rescaling &rescaling,
                    Output *output) {
  vectorized(CKERNELS_LOOP {
    for (int64_t i = 0; i < count; ++i)
      output[i] =
          saturated<Output>(requantize(wrapping_subtract(input[i], rescaling.input_zero_point),
                                       rescaling.multiplier, rescaling.shift),
                            rescaling.output_zero_point);
  });
}

template <typename Input>
void dequantize_all(const Input *input, int64_t count, float scale, int32_t zero_point,
                    float *output) {
  vectorized(CKERNELS_LOOP {
    for (int64_t i = 0; i < count; ++i)
      output[i] =
          static_cast<float>(double{scale} * static_cast<double>(int64_t{input[i]} - zero_point));
  });
}

/// Calls `body` with a null pointer of the element type that `element` names.
template <typename Body>
void with_type(ck_element element, const Body &body) {
  switch (element) {
    case ck_element_i8: return body(static_cast<int8_t *>(nullptr));
    case ck_element_u8: return body(static_cast<uint8_t *>(nullptr));
    case ck_element_i16: return body(static_cast<int16_t *>(nullptr));
    case ck_element_i32: return body(static_cast<int32_t *>(nullptr));
  }
}

/// Limited far beyond what bytes can hold, so that zero points cannot bring it back; NaN, too.
inline float bounded_steps(float steps) {
  const float raised = steps >= -1024.0f ? steps : -1024.0f;
  return raised <= 1024.0f ? raised : 1024.0f;
}

}  // namespace

void ck_requantize_elements(const void *input, ck_element input_element, int64_t count,
                            const ck_rescaling *rescaling, void *output,
                            ck_element output_element) {
  with_type(input_element, [&](auto *input_type) {
    with_type(output_element, [&](auto *output_type) {
      requantize_all(static_cast<const std::remove_pointer_t<decltype(input_type)> *>(input), count,
                     *rescaling, static_cast<decltype(output_type)>(output));
    });
  });
}

void ck_dequantize_f32(const void *input, ck_element input_element, int64_t count, float scale,
                       int32_t zero_point, float *output) {
  with_type(input_element, [&](auto *type) {
    dequantize_all(static_cast<const std::remove_pointer_t<decltype(type)> *>(input), count, scale,
                   zero_point, output);
  });
}

void ck_flip_sign_bits(const uint8_t *from, int64_t count, uint8_t *to) {
  vectorized(CKERNELS_LOOP {
    for (int64_t i = 0; i < count; ++i) to[i] = from[i] ^ 0x80;
  });
}

void ck_quantize_dynamically(const float *input, int64_t count, float factor, int32_t zero_point,
                             int32_t least, int8_t *output) {
  const int64_t whole = count / 8 * 8;
  const auto stored = [=](float steps, int32_t nearest) {
    return static_cast<int8_t>(steps == steps ? limited(nearest + zero_point, least, 127) : 0);
  };
  vectorized(CKERNELS_LOOP {
    for (int64_t i = 0; i < whole; ++i) {
      const float steps = input[i] * factor, bounded = bounded_steps(steps);
      output[i] = stored(steps, static_cast<int32_t>(bounded + (bounded < 0 ? -0.5f : 0.5f)));
    }
    for (int64_t i = whole; i < count; ++i) {
      const float steps = input[i] * factor, bounded = bounded_steps(steps);
      const int32_t towards_zero = static_cast<int32_t>(bounded);
      const float rest = bounded - static_cast<float>(towards_zero);
      output[i] = stored(steps, towards_zero + (rest >= 0.5f) - (rest <= -0.5f));
    }
  });
}

void ck_quantize_half_even(const float *input, int64_t count, float scale, int32_t zero_point,
                           int32_t least, int32_t largest, int8_t *output) {
  const float lowest = static_cast<float>(least - zero_point);
  const float highest = static_cast<float>(largest - zero_point);
  // Numbers below 2²² that this is added to lose their fractions, and halves go to the even number.
  constexpr float whole_numbers = 12582912.0f;
  vectorized(CKERNELS_LOOP {
    for (int64_t i = 0; i < count; ++i) {
      const float steps = input[i] / scale;
      const float raised = steps >= lowest ? steps : lowest;
      const float bounded = raised <= highest ? raised : highest;
      const float nearest = (bounded + whole_numbers) - whole_numbers;
      const int32_t stored = static_cast<int32_t>(nearest) + zero_point;
      output[i] = static_cast<int8_t>(steps == steps ? stored : 0);
    }
  });
}

void ck_finish_dynamic_sums(const int32_t *sums, int64_t pixels, int32_t channels, float scale,
                            const float *scales, int32_t takes_channel_first, const float *bias,
                            float clamp_min, float clamp_max, float *output) {
  vectorized(CKERNELS_LOOP {
    for (int64_t pixel = 0; pixel < pixels; ++pixel) {
      const int32_t *own = sums + pixel * channels;
      float *out = output + pixel * channels;
      for (int32_t channel = 0; channel < channels; ++channel) {
        const float units = static_cast<float>(own[channel]);
        const float real = takes_channel_first ? units * scales[channel] * scale
                                               : units * (scale * scales[channel]);
        const float sum = real + (bias == nullptr ? 0.0f : bias[channel]);
        // Comparisons in this sense let NaN through.
        const float raised = sum < clamp_min ? clamp_min : sum;
        out[channel] = raised > clamp_max ? clamp_max : raised;
      }
    }
  });
}
