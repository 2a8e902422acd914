#pragma once

#include "CKernels.h"
#include "InstructionSet.h"
#include "Scratch.h"

namespace ckernels {

/// Turns input elements into what tile kernels multiply, layout by layout.
struct InputConversion {
  const void *input;
  Layout layout;
  /// Bytes of an element, before and after.
  int32_t input_bytes, block_bytes;
  int32_t zero_point;
  /// Every byte of a converted element outside the input.
  uint8_t padding;
  /// What makes signed bytes of the input's.
  uint8_t flipped_bits;

  static InputConversion from_i8(const int8_t *input, uint8_t flipped_bits, int32_t zero_point,
                                 Layout layout);
  /// To `Layout::pairs16`, with zero point 0.
  static InputConversion from_i16(const int16_t *input);
  static InputConversion from_f32(const float *input);

  /// Converts `count` elements from number `first` of the input on.
  void convert(int64_t first, int64_t count, uint8_t *output) const;
};

/// The input of some consecutive output rows of one batch, converted, with all padding in place.
///
/// It is a list of *slots*, each holding what one kernel row needs of one input row. Neighbouring
/// output rows share slots where their windows overlap; a dilation, or a stride past the kernel,
/// gives each window copies of its own, so that a kernel row's activations are always contiguous
/// and no size depends on a dilation.
class InputBlock {
 public:
  /// `pixel_elements` is the distance of neighbouring pixels in a slot; where it exceeds the
  /// input's channels (depthwise), each channel stands `multiplier` times.
  InputBlock(const InputConversion &conversion, ck_shape input, ck_window window,
             int32_t output_width, int64_t pixel_elements, int32_t multiplier, ck_scratch &scratch);

  /// Output rows that fit the block at once.
  int64_t row_capacity(int64_t wanted_rows) const;
  /// Makes room for this many output rows; false without memory.
  bool reserve(int64_t rows);
  /// Points `pixels()` at the input of output rows `first_row ..< first_row + rows`, which it fills
  /// in where it cannot stay in its place.
  void fill(int64_t batch, int64_t first_row, int64_t rows);

  /// The first activation of every output pixel, row by row.
  const uint8_t *const *pixels() const { return scratch.pixels.as<const uint8_t *>(); }
  /// Bytes from a pixel's first activation of one kernel row to that of the next.
  int64_t kernel_row_stride() const { return slot_bytes(); }
  /// Bytes from one kernel column to the next.
  int64_t kernel_column_stride() const { return pixel_elements * conversion.block_bytes; }

 private:
  int64_t slot_bytes() const { return slot_pixels * pixel_elements * conversion.block_bytes; }
  int64_t slot_count(int64_t rows) const { return (rows - 1) * slot_step + window.kernel_height; }
  bool is_contiguous_copy() const;
  const uint8_t *in_place(int64_t batch, int64_t first_row, int64_t rows) const;
  void fill_slots(int64_t batch, int64_t first_input_row, int64_t slots) const;
  void fill_row(int64_t batch, int64_t input_row, uint8_t *slot) const;
  void fill_span(int64_t first_element, int64_t begin, int64_t count, int64_t extent,
                 int64_t elements, uint8_t *output) const;
  void convert_pixels(int64_t first_element, int64_t count, uint8_t *output) const;

  InputConversion conversion;
  ck_shape input;
  ck_window window;
  int64_t output_width;
  int64_t pixel_elements;
  int32_t multiplier;
  bool gathers_columns, gathers_rows;
  /// Pixels of a slot; pixels from one output column to the next; slots from one output row to the
  /// next.
  int64_t slot_pixels, pixel_step, slot_step;
  ck_scratch &scratch;
};

}  // namespace ckernels
