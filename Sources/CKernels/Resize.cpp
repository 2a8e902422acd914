#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "FixedPoint.h"
#include "Multiversion.h"

#pragma STDC FP_CONTRACT OFF

using namespace ckernels;

namespace {

bool is_empty(ck_shape shape) {
  return shape.batches < 1 || shape.height < 1 || shape.width < 1 || shape.channels < 1;
}

/// The two inputs along one axis that an output lies between, and how far it is past the first.
template <typename Fraction>
struct Neighbours {
  int64_t first, second;
  Fraction fraction;
};

/// In steps of 2⁻¹⁰: TFLite's signed 8-bit kernel.
Neighbours<int32_t> neighbours(int64_t output, int64_t input_extent, int64_t output_extent,
                               ck_sampling sampling, int32_t) {
  const bool aligns = sampling == ck_sampling_align_corners && output_extent > 1;
  const int64_t numerator = aligns ? input_extent - 1 : input_extent;
  const int64_t denominator = aligns ? output_extent - 1 : output_extent;
  const int64_t scale = (1024 * numerator + denominator / 2) / denominator;
  const int64_t position = sampling == ck_sampling_half_pixel_centers
                               ? output * scale + scale / 2 - 512
                               : output * scale;
  const int64_t first = std::max<int64_t>(position / 1024, 0);
  const int64_t second = std::min((position + 1023) / 1024, input_extent - 1);
  // A rounded scale may lead past the last input.
  if (first >= input_extent) return {input_extent - 1, input_extent - 1, 0};
  return {first, std::max<int64_t>(second, 0), static_cast<int32_t>(position - 1024 * first)};
}

Neighbours<float> neighbours(int64_t output, int64_t input_extent, int64_t output_extent,
                             ck_sampling sampling, float) {
  const bool aligns = sampling == ck_sampling_align_corners && output_extent > 1;
  const float scale =
      aligns ? static_cast<float>(input_extent - 1) / static_cast<float>(output_extent - 1)
             : static_cast<float>(input_extent) / static_cast<float>(output_extent);
  const float at = static_cast<float>(output);
  const float position =
      sampling == ck_sampling_half_pixel_centers ? (at + 0.5f) * scale - 0.5f : at * scale;
  const int64_t first = std::max<int64_t>(static_cast<int64_t>(std::floor(position)), 0);
  const int64_t second = std::min(static_cast<int64_t>(std::ceil(position)), input_extent - 1);
  if (first >= input_extent) return {input_extent - 1, input_extent - 1, 0};
  return {first, std::max<int64_t>(second, 0), position - static_cast<float>(first)};
}

inline void interpolate(int32_t v00, int32_t v10, int32_t v01, int32_t v11, int32_t y, int32_t x,
                        int8_t &output) {
  const int32_t sum =
      v00 * (1024 - y) * (1024 - x) + v10 * y * (1024 - x) + v01 * (1024 - y) * x + v11 * y * x;
  output = static_cast<int8_t>((sum + (sum > 0 ? 1 << 19 : -(1 << 19))) / (1 << 20));
}

inline void interpolate(int32_t v00, int32_t v10, int32_t v01, int32_t v11, int32_t y, int32_t x,
                        int16_t &output) {
  const int64_t sum = int64_t{v00} * ((1024 - y) * (1024 - x)) + int64_t{v10} * (y * (1024 - x)) +
                      int64_t{v01} * ((1024 - y) * x) + int64_t{v11} * (y * x);
  output = static_cast<int16_t>((sum + (sum > 0 ? 1 << 19 : -(1 << 19))) / (1 << 20));
}

inline float interpolated(float v00, float v10, float v01, float v11, float y, float x) {
  return v00 * (1 - y) * (1 - x) + v10 * y * (1 - x) + v01 * (1 - y) * x + v11 * y * x;
}

inline void interpolate(float v00, float v10, float v01, float v11, float y, float x,
                        float &output) {
  output = interpolated(v00, v10, v01, v11, y, x);
}

inline void interpolate(float v00, float v10, float v01, float v11, float y, float x,
                        uint8_t &output) {
  output =
      static_cast<uint8_t>(limited(interpolated(v00, v10, v01, v11, y, x) + 0.5f, 0.0f, 255.0f));
}

/// One output row, between two input rows.
template <typename Fraction, typename Element>
void resize_row(const Element *above, const Element *below, Fraction y,
                const Neighbours<Fraction> *columns, int64_t width, int64_t channels,
                Element *output) {
  vectorized(CKERNELS_LOOP {
    for (int64_t column = 0; column < width; ++column) {
      const Neighbours<Fraction> x = columns[column];
      const int64_t left = x.first * channels, right = x.second * channels;
      for (int64_t i = 0; i < channels; ++i)
        interpolate(above[left + i], below[left + i], above[right + i], below[right + i], y,
                    x.fraction, output[column * channels + i]);
    }
  });
}

template <typename Fraction, typename Element>
void resize_bilinear(const Element *input, ck_shape from, ck_sampling sampling, Element *output,
                     ck_shape to, int64_t row_begin, int64_t row_end) {
  if (is_empty(from) || is_empty(to)) return;
  const int64_t channels = from.channels, row_elements = from.width * channels;
  std::vector<Neighbours<Fraction>> columns;
  for (int64_t x = 0; x < to.width; ++x)
    columns.push_back(neighbours(x, from.width, to.width, sampling, Fraction{}));
  for (int64_t row = row_begin; row < row_end; ++row) {
    const Neighbours<Fraction> y =
        neighbours(row % to.height, from.height, to.height, sampling, Fraction{});
    const Element *image = input + row / to.height * from.height * row_elements;
    resize_row(image + y.first * row_elements, image + y.second * row_elements, y.fraction,
               columns.data(), to.width, channels, output + row * to.width * channels);
  }
}

int64_t nearest(int64_t output, int64_t input_extent, int64_t output_extent, ck_sampling sampling) {
  const bool aligns = sampling == ck_sampling_align_corners;
  const float scale =
      aligns && output_extent > 1
          ? static_cast<float>(input_extent - 1) / static_cast<float>(output_extent - 1)
          : static_cast<float>(input_extent) / static_cast<float>(output_extent);
  const float offset = sampling == ck_sampling_half_pixel_centers ? 0.5f : 0.0f;
  const float position = (static_cast<float>(output) + offset) * scale;
  const int64_t index = static_cast<int64_t>(aligns ? std::round(position) : std::floor(position));
  return limited<int64_t>(index, 0, input_extent - 1);
}

}  // namespace

void ck_resize_bilinear_i8(const int8_t *input, ck_shape input_shape, ck_sampling sampling,
                           int8_t *output, ck_shape output_shape, int32_t row_begin,
                           int32_t row_end) {
  resize_bilinear<int32_t>(input, input_shape, sampling, output, output_shape, row_begin, row_end);
}

void ck_resize_bilinear_i16(const int16_t *input, ck_shape input_shape, ck_sampling sampling,
                            int16_t *output, ck_shape output_shape, int32_t row_begin,
                            int32_t row_end) {
  resize_bilinear<int32_t>(input, input_shape, sampling, output, output_shape, row_begin, row_end);
}

void ck_resize_bilinear_u8(const uint8_t *input, ck_shape input_shape, ck_sampling sampling,
                           uint8_t *output, ck_shape output_shape, int32_t row_begin,
                           int32_t row_end) {
  resize_bilinear<float>(input, input_shape, sampling, output, output_shape, row_begin, row_end);
}

void ck_resize_bilinear_f32(const float *input, ck_shape input_shape, ck_sampling sampling,
                            float *output, ck_shape output_shape, int32_t row_begin,
                            int32_t row_end) {
  resize_bilinear<float>(input, input_shape, sampling, output, output_shape, row_begin, row_end);
}

void ck_resize_nearest_neighbor(const void *input, int32_t element_bytes, ck_shape input_shape,
                                ck_sampling sampling, void *output, ck_shape output_shape,
                                int32_t row_begin, int32_t row_end) {
  if (is_empty(input_shape) || is_empty(output_shape) || element_bytes < 1) return;
  const int64_t pixel_bytes = int64_t{input_shape.channels} * element_bytes;
  uint8_t *out = static_cast<uint8_t *>(output) + row_begin * output_shape.width * pixel_bytes;
  for (int64_t row = row_begin; row < row_end; ++row) {
    const int64_t y =
        nearest(row % output_shape.height, input_shape.height, output_shape.height, sampling);
    const uint8_t *line =
        static_cast<const uint8_t *>(input) +
        (row / output_shape.height * input_shape.height + y) * input_shape.width * pixel_bytes;
    for (int64_t x = 0; x < output_shape.width; ++x, out += pixel_bytes)
      std::memcpy(out,
                  line + nearest(x, input_shape.width, output_shape.width, sampling) * pixel_bytes,
                  static_cast<size_t>(pixel_bytes));
  }
}
