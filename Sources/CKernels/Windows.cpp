#include "CKernels.h"

namespace {

/// Copies windows of one image into a matrix.
class WindowCopy {
 public:
  WindowCopy(const float *input, ck_shape input_shape, ck_window window, ck_shape output_shape)
      : input(input), shape(input_shape), window(window), output(output_shape) {}

  /// The elements of one window, `step` floats from each to the next.
  void copy(int64_t number, int64_t step, float *elements) const {
    const int64_t line = number / output.width, batch = line / output.height;
    const int64_t taps = int64_t{window.kernel_height} * window.kernel_width;
    const int64_t left = number % output.width * window.stride_width - window.pad_left;
    for (int64_t i = 0; i < window.kernel_height; ++i, elements += window.kernel_width * step) {
      const int64_t row =
          line % output.height * window.stride_height - window.pad_top + i * window.dilation_height;
      const bool is_inside = row >= 0 && row < shape.height;
      const float *pixels =
          is_inside ? input + (batch * shape.height + row) * shape.width * shape.channels : nullptr;
      copy_row(pixels, left, taps * step, step, elements);
    }
  }

 private:
  /// One row of the kernel; without pixels it lies outside.
  void copy_row(const float *pixels, int64_t left, int64_t channel_step, int64_t step,
                float *elements) const {
    for (int64_t j = 0; j < window.kernel_width; ++j, elements += step) {
      const int64_t column = left + j * window.dilation_width;
      float *to = elements;
      if (pixels == nullptr || column < 0 || column >= shape.width) {
        for (int64_t c = 0; c < shape.channels; ++c, to += channel_step) *to = 0;
        continue;
      }
      const float *from = pixels + column * shape.channels;
      for (int64_t c = 0; c < shape.channels; ++c, to += channel_step) *to = from[c];
    }
  }

  const float *input;
  ck_shape shape;
  ck_window window;
  ck_shape output;
};

}  // namespace

void ck_copy_windows_f32(const float *input, ck_shape input_shape, ck_window window,
                         ck_shape output_shape, int64_t first, int64_t count,
                         int32_t makes_columns, float *matrix) {
  const WindowCopy windows(input, input_shape, window, output_shape);
  const int64_t depth =
      int64_t{window.kernel_height} * window.kernel_width * input_shape.channels;
  for (int64_t i = 0; i < count; ++i)
    windows.copy(first + i, makes_columns ? count : 1, matrix + i * (makes_columns ? 1 : depth));
}
