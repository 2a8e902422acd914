#include "InputBlock.h"

#include <algorithm>

#include "FixedPoint.h"

namespace ckernels {

// MARK: Conversion

InputConversion InputConversion::from_i8(const int8_t *input, uint8_t flipped_bits,
                                         int32_t zero_point, Layout layout) {
  const int32_t narrow = eight_bit_zero_point(zero_point);
  if (layout == Layout::quads8)
    return {input,       layout, 1,
            1,           narrow, static_cast<uint8_t>(narrow + instruction_set().quads8_offset),
            flipped_bits};
  return {input, Layout::pairs16, 1, 2, narrow, 0, flipped_bits};
}

InputConversion InputConversion::from_i16(const int16_t *input) {
  return {input, Layout::pairs16, 2, 2, 0, 0, 0};
}

InputConversion InputConversion::from_f32(const float *input) {
  return {input, Layout::float32, 4, 4, 0, 0, 0};
}

void InputConversion::convert(int64_t first, int64_t count, uint8_t *output) const {
  const uint8_t *source = static_cast<const uint8_t *>(input) + first * input_bytes;
  const int8_t *bytes = reinterpret_cast<const int8_t *>(source);
  if (input_bytes == 1 && layout == Layout::pairs16)
    return instruction_set().widen(bytes, count, flipped_bits, zero_point,
                                   reinterpret_cast<int16_t *>(output));
  // The offset is 128 or 0: to add it is to flip the highest bit, or to leave it.
  const uint8_t changed_bits =
      layout == Layout::quads8 ? flipped_bits ^ instruction_set().quads8_offset : 0;
  if (changed_bits != 0) return instruction_set().flip(bytes, count, changed_bits, output);
  // The other elements are already as the tile kernels read them.
  std::memcpy(output, source, static_cast<size_t>(count * block_bytes));
}

// MARK: Geometry

InputBlock::InputBlock(const InputConversion &conversion, ck_shape input, ck_window window,
                       int32_t output_width, int64_t pixel_elements, int32_t multiplier,
                       ck_scratch &scratch)
    : conversion(conversion),
      input(input),
      window(window),
      output_width(output_width),
      pixel_elements(pixel_elements),
      multiplier(multiplier),
      scratch(scratch) {
  // A few elements that no window reads are copied along faster than they are left out.
  constexpr int64_t skipped_bytes_limit = 256;
  const int64_t skipped_pixels = int64_t{window.stride_width} - window.kernel_width;
  gathers_columns =
      window.dilation_width > 1 ||
      (skipped_pixels > 0 &&
       skipped_pixels * pixel_elements * conversion.block_bytes > skipped_bytes_limit);
  gathers_rows = window.dilation_height > 1 || window.stride_height > window.kernel_height;
  pixel_step = gathers_columns ? window.kernel_width : window.stride_width;
  slot_step = gathers_rows ? window.kernel_height : window.stride_height;
  slot_pixels = (this->output_width - 1) * pixel_step + window.kernel_width;
}

int64_t InputBlock::row_capacity(int64_t wanted_rows) const {
  // A block is read once per 64 output channels, so it should stay in the second-level cache beside
  // the weights.
  constexpr int64_t byte_limit = 256 * 1024;
  if (slot_count(wanted_rows) * slot_bytes() <= byte_limit) return wanted_rows;
  const int64_t slots = byte_limit / slot_bytes();
  const int64_t rows =
      slots < window.kernel_height ? 1 : (slots - window.kernel_height) / slot_step + 1;
  return std::min(rows, wanted_rows);
}

bool InputBlock::reserve(int64_t rows) {
  // Kernels read whole groups, and so up to 3 bytes past the last activation; like the channels
  // that fill up a depthwise pixel, they meet weights of 0 or unused lanes and may hold anything.
  scratch.activations.make_room(slot_count(rows) * slot_bytes() + group_bytes);
  scratch.pixels.make_room(rows * output_width * int64_t{sizeof(uint8_t *)});
  return scratch.activations.data() != nullptr && scratch.pixels.data() != nullptr;
}

// MARK: Filling

void InputBlock::fill(int64_t batch, int64_t first_row, int64_t rows) {
  const int64_t first_input_row = first_row * window.stride_height - window.pad_top;
  const uint8_t *bytes = scratch.activations.data();
  if (const uint8_t *rows_of_input = in_place(batch, first_input_row, slot_count(rows)))
    bytes = rows_of_input;
  else
    fill_slots(batch, first_input_row, slot_count(rows));
  const uint8_t **pointer = scratch.pixels.as<const uint8_t *>();
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < output_width; ++column)
      *pointer++ =
          bytes + row * slot_step * slot_bytes() + column * pixel_step * kernel_column_stride();
}

/// Rows of the input itself, if a copy of them would be the same in every byte; else null.
const uint8_t *InputBlock::in_place(int64_t batch, int64_t first_row, int64_t rows) const {
  const bool is_inside = first_row >= 0 && first_row + rows <= input.height;
  if (conversion.layout != Layout::float32 || !is_contiguous_copy() || !is_inside) return nullptr;
  return static_cast<const uint8_t *>(conversion.input) +
         (batch * input.height + first_row) * slot_bytes();
}

void InputBlock::fill_slots(int64_t batch, int64_t first_input_row, int64_t slots) const {
  uint8_t *bytes = scratch.activations.data();
  if (is_contiguous_copy()) {
    const int64_t row_elements = int64_t{input.width} * input.channels;
    fill_span(batch * input.height * row_elements, first_input_row, slots, input.height,
              row_elements, bytes);
    return;
  }
  for (int64_t slot = 0; slot < slots; ++slot) {
    const int64_t input_row = gathers_rows
                                  ? first_input_row + slot / slot_step * window.stride_height +
                                        slot % slot_step * window.dilation_height
                                  : first_input_row + slot;
    fill_row(batch, input_row, bytes + slot * slot_bytes());
  }
}

/// Whether slots are whole input rows as they lie in memory.
bool InputBlock::is_contiguous_copy() const {
  return !gathers_columns && !gathers_rows && window.pad_left == 0 && slot_pixels == input.width &&
         pixel_elements == input.channels && multiplier == 1;
}

void InputBlock::fill_row(int64_t batch, int64_t input_row, uint8_t *slot) const {
  if (input_row < 0 || input_row >= input.height) {
    std::memset(slot, conversion.padding, static_cast<size_t>(slot_bytes()));
    return;
  }
  const int64_t first_element = (batch * input.height + input_row) * input.width * input.channels;
  if (!gathers_columns) {
    fill_span(first_element, -int64_t{window.pad_left}, slot_pixels, input.width, input.channels,
              slot);
    return;
  }
  // Without dilation a window's columns are neighbours and copied at once.
  const int64_t span = window.dilation_width == 1 ? window.kernel_width : 1;
  for (int64_t pixel = 0; pixel < slot_pixels; pixel += span) {
    const int64_t column = pixel / window.kernel_width * window.stride_width +
                           pixel % window.kernel_width * window.dilation_width - window.pad_left;
    fill_span(first_element, column, span, input.width, input.channels,
              slot + pixel * kernel_column_stride());
  }
}

/// Writes items `begin ..< begin + count` of a list of `extent` items of `elements` elements each,
/// the list starting at `first_element` of the input, and padding for items it does not have.
void InputBlock::fill_span(int64_t first_element, int64_t begin, int64_t count, int64_t extent,
                           int64_t elements, uint8_t *output) const {
  const int64_t item_bytes = elements / input.channels * kernel_column_stride();
  const int64_t before = limited<int64_t>(-begin, 0, count);
  const int64_t end = limited<int64_t>(extent - begin, before, count);
  std::memset(output, conversion.padding, static_cast<size_t>(before * item_bytes));
  if (end > before)
    convert_pixels(first_element + (begin + before) * elements,
                   (end - before) * elements / input.channels, output + before * item_bytes);
  std::memset(output + end * item_bytes, conversion.padding,
              static_cast<size_t>((count - end) * item_bytes));
}

/// Lets each channel of a pixel stand `multiplier` times.
template <typename Element>
static void repeat_channels(uint8_t *pixel, int64_t channels, int64_t multiplier) {
  Element *elements = reinterpret_cast<Element *>(pixel);
  // Backwards, since a channel's copies lie at or behind the channel itself.
  for (int64_t channel = channels - 1; channel >= 0; --channel)
    std::fill_n(elements + channel * multiplier, multiplier, Element{elements[channel]});
}

void InputBlock::convert_pixels(int64_t first_element, int64_t count, uint8_t *output) const {
  if (pixel_elements == input.channels && multiplier == 1) {
    conversion.convert(first_element, count * input.channels, output);
    return;
  }
  for (int64_t pixel = 0; pixel < count; ++pixel, output += kernel_column_stride()) {
    conversion.convert(first_element + pixel * input.channels, input.channels, output);
    if (multiplier == 1) continue;
    switch (conversion.block_bytes) {
      case 1: repeat_channels<uint8_t>(output, input.channels, multiplier); break;
      case 2: repeat_channels<uint16_t>(output, input.channels, multiplier); break;
      default: repeat_channels<uint32_t>(output, input.channels, multiplier);
    }
  }
}

}  // namespace ckernels
