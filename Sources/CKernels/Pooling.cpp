#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstdlib>

#include "AlignedBuffer.h"
#include "FixedPoint.h"
#include "InstructionSet.h"

using namespace ckernels;

namespace {

/// The taps of a window that lie inside the input, along one axis.
struct ValidTaps {
  int64_t begin, end;

  /// `origin + tap · dilation` is the input position of a tap.
  ValidTaps(int64_t origin, int64_t dilation, int64_t kernel, int64_t extent)
      : begin(limited<int64_t>(origin < 0 ? (-origin + dilation - 1) / dilation : 0, 0, kernel)),
        end(origin < extent ? std::min((extent - 1 - origin) / dilation + 1, kernel) : 0) {
    end = std::max(begin, end);
  }
};

bool is_empty(ck_shape shape) {
  return shape.batches < 1 || shape.height < 1 || shape.width < 1 || shape.channels < 1;
}

bool is_empty(ck_window window) {
  return window.kernel_height < 1 || window.kernel_width < 1 || window.stride_height < 1 ||
         window.stride_width < 1 || window.dilation_height < 1 || window.dilation_width < 1;
}

/// An input without pixels is no reason to stop: its windows lie in the padding, and have results too.
bool is_nothing_to_do(ck_shape input, ck_window window, ck_shape output) {
  return input.channels < 1 || is_empty(output) || is_empty(window);
}

/// Visits every output pixel: `begin()`, `take(pixel)` for each valid input pixel, row by row, then
/// `finish(count, output pixel)`, pixels being pointers to their first channel.
template <typename Element, typename Pool>
void for_each_window(const Element *input, ck_shape input_shape, ck_window window, Element *output,
                     ck_shape output_shape, int32_t row_begin, int32_t row_end, Pool &pool) {
  const int64_t channels = input_shape.channels;
  for (int64_t row = row_begin; row < row_end; ++row) {
    const int64_t y = row % output_shape.height * window.stride_height - window.pad_top;
    const ValidTaps rows(y, window.dilation_height, window.kernel_height, input_shape.height);
    const Element *image =
        input + row / output_shape.height * input_shape.height * input_shape.width * channels;
    for (int64_t column = 0; column < output_shape.width; ++column) {
      const int64_t x = column * window.stride_width - window.pad_left;
      const ValidTaps columns(x, window.dilation_width, window.kernel_width, input_shape.width);
      pool.begin();
      for (int64_t i = rows.begin; i < rows.end; ++i)
        for (int64_t j = columns.begin; j < columns.end; ++j)
          pool.take(image + ((y + i * window.dilation_height) * input_shape.width + x +
                             j * window.dilation_width) *
                                channels);
      pool.finish((rows.end - rows.begin) * (columns.end - columns.begin),
                  output + (row * output_shape.width + column) * channels);
    }
  }
}

/// Sums per channel, for means.
template <typename Element, typename Sum>
struct AveragePool {
  int64_t channels;
  Element clamp_min, clamp_max;
  AlignedBuffer buffer;
  Sum *sums;

  AveragePool(int64_t channels, Element clamp_min, Element clamp_max)
      : channels(channels),
        clamp_min(clamp_min),
        clamp_max(clamp_max),
        buffer(channels * int64_t{sizeof(Sum)}),
        sums(buffer.template as<Sum>()) {
    if (sums == nullptr) std::abort();
  }

  void begin() { std::fill(sums, sums + channels, Sum{0}); }

  void take(const int8_t *pixel) { instruction_set().accumulate(pixel, channels, sums); }

  template <typename Other>
  void take(const Other *pixel) {
    for (int64_t channel = 0; channel < channels; ++channel)
      sums[channel] = plus(sums[channel], pixel[channel]);
  }

  static float plus(float a, float b) { return a + b; }
  static int32_t plus(int32_t a, int32_t b) { return wrapping_add(a, b); }

  void finish(int64_t count, Element *output) {
    for (int64_t channel = 0; channel < channels; ++channel)
      output[channel] = static_cast<Element>(
          limited<Sum>(count == 0 ? 0 : mean(sums[channel], count), clamp_min, clamp_max));
  }

  static int32_t mean(int32_t sum, int64_t count) {
    return static_cast<int32_t>((sum > 0 ? sum + count / 2 : sum - count / 2) / count);
  }

  static float mean(float sum, int64_t count) { return sum / static_cast<float>(count); }
};

/// Roots of mean squares per channel.
struct L2Pool : AveragePool<float, float> {
  using AveragePool::AveragePool;

  void take(const float *pixel) {
    for (int64_t channel = 0; channel < channels; ++channel)
      sums[channel] += pixel[channel] * pixel[channel];
  }

  void finish(int64_t count, float *output) {
    for (int64_t channel = 0; channel < channels; ++channel)
      output[channel] =
          limited(count == 0 ? 0 : std::sqrt(mean(sums[channel], count)), clamp_min, clamp_max);
  }
};

/// Maxima per channel.
template <typename Element>
struct MaxPool {
  int64_t channels;
  Element lowest, clamp_min, clamp_max;
  AlignedBuffer buffer;
  Element *largest;

  MaxPool(int64_t channels, Element lowest, Element clamp_min, Element clamp_max)
      : channels(channels),
        lowest(lowest),
        clamp_min(clamp_min),
        clamp_max(clamp_max),
        buffer(channels * int64_t{sizeof(Element)}),
        largest(buffer.template as<Element>()) {
    if (largest == nullptr) std::abort();
  }

  void begin() { std::fill(largest, largest + channels, lowest); }

  void take(const int8_t *pixel) { instruction_set().maximize(pixel, channels, largest); }

  template <typename Other>
  void take(const Other *pixel) {
    for (int64_t channel = 0; channel < channels; ++channel)
      largest[channel] = std::max(largest[channel], pixel[channel]);
  }

  void finish(int64_t, Element *output) {
    for (int64_t channel = 0; channel < channels; ++channel)
      output[channel] = limited(largest[channel], clamp_min, clamp_max);
  }
};

int8_t eight_bit_limit(int32_t value) { return static_cast<int8_t>(limited(value, -128, 127)); }

template <typename Element>
void average_pool(const Element *input, ck_shape input_shape, ck_window window, int32_t clamp_min,
                  int32_t clamp_max, Element *output, ck_shape output_shape, int32_t row_begin,
                  int32_t row_end) {
  if (is_nothing_to_do(input_shape, window, output_shape)) return;
  AveragePool<Element, int32_t> pool(input_shape.channels,
                                     static_cast<Element>(limited_to<Element>(clamp_min)),
                                     static_cast<Element>(limited_to<Element>(clamp_max)));
  for_each_window(input, input_shape, window, output, output_shape, row_begin, row_end, pool);
}

}  // namespace

void ck_average_pool_i8(const int8_t *input, ck_shape input_shape, ck_window window,
                        int32_t clamp_min, int32_t clamp_max, int8_t *output, ck_shape output_shape,
                        int32_t row_begin, int32_t row_end) {
  average_pool(input, input_shape, window, clamp_min, clamp_max, output, output_shape, row_begin,
               row_end);
}

void ck_average_pool_u8(const uint8_t *input, ck_shape input_shape, ck_window window,
                        int32_t clamp_min, int32_t clamp_max, uint8_t *output,
                        ck_shape output_shape, int32_t row_begin, int32_t row_end) {
  average_pool(input, input_shape, window, clamp_min, clamp_max, output, output_shape, row_begin,
               row_end);
}

void ck_average_pool_i16(const int16_t *input, ck_shape input_shape, ck_window window,
                         int32_t clamp_min, int32_t clamp_max, int16_t *output,
                         ck_shape output_shape, int32_t row_begin, int32_t row_end) {
  average_pool(input, input_shape, window, clamp_min, clamp_max, output, output_shape, row_begin,
               row_end);
}

void ck_max_pool_i8(const int8_t *input, ck_shape input_shape, ck_window window, int32_t clamp_min,
                    int32_t clamp_max, int8_t *output, ck_shape output_shape, int32_t row_begin,
                    int32_t row_end) {
  if (is_nothing_to_do(input_shape, window, output_shape)) return;
  MaxPool<int8_t> pool(input_shape.channels, INT8_MIN, eight_bit_limit(clamp_min),
                       eight_bit_limit(clamp_max));
  for_each_window(input, input_shape, window, output, output_shape, row_begin, row_end, pool);
}

void ck_max_pool_i16(const int16_t *input, ck_shape input_shape, ck_window window,
                     int32_t clamp_min, int32_t clamp_max, int16_t *output, ck_shape output_shape,
                     int32_t row_begin, int32_t row_end) {
  if (is_empty(input_shape) || is_empty(output_shape) || is_empty(window)) return;
  MaxPool<int16_t> pool(input_shape.channels, INT16_MIN,
                        static_cast<int16_t>(limited_to<int16_t>(clamp_min)),
                        static_cast<int16_t>(limited_to<int16_t>(clamp_max)));
  for_each_window(input, input_shape, window, output, output_shape, row_begin, row_end, pool);
}

void ck_average_pool_f32(const float *input, ck_shape input_shape, ck_window window,
                         float clamp_min, float clamp_max, float *output, ck_shape output_shape,
                         int32_t row_begin, int32_t row_end) {
  if (is_nothing_to_do(input_shape, window, output_shape)) return;
  AveragePool<float, float> pool(input_shape.channels, clamp_min, clamp_max);
  for_each_window(input, input_shape, window, output, output_shape, row_begin, row_end, pool);
}

void ck_l2_pool_f32(const float *input, ck_shape input_shape, ck_window window, float clamp_min,
                    float clamp_max, float *output, ck_shape output_shape, int32_t row_begin,
                    int32_t row_end) {
  if (is_nothing_to_do(input_shape, window, output_shape)) return;
  L2Pool pool(input_shape.channels, clamp_min, clamp_max);
  for_each_window(input, input_shape, window, output, output_shape, row_begin, row_end, pool);
}

void ck_max_pool_f32(const float *input, ck_shape input_shape, ck_window window, float clamp_min,
                     float clamp_max, float *output, ck_shape output_shape, int32_t row_begin,
                     int32_t row_end) {
  if (is_nothing_to_do(input_shape, window, output_shape)) return;
  MaxPool<float> pool(input_shape.channels, -FLT_MAX, clamp_min, clamp_max);
  for_each_window(input, input_shape, window, output, output_shape, row_begin, row_end, pool);
}
