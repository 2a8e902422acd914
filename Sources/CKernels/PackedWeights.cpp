#include "PackedWeights.h"

#include <algorithm>
#include <new>

#include "FixedPoint.h"

namespace ckernels {

/// Takes ownership, and gives it up again for what has no memory.
static ck_packed_weights *allocate_panels(ck_packed_weights description) {
  const int64_t panels = panels_of(description.output_channels);
  description.panels = AlignedBuffer(panels * description.panel_stride);
  if (description.layout == Layout::quads8)
    description.channel_sums =
        AlignedBuffer(description.output_channels * int64_t{sizeof(int32_t)});
  if (description.panels.data() == nullptr) return nullptr;
  if (description.layout == Layout::quads8 && description.channel_sums.data() == nullptr)
    return nullptr;
  return new (std::nothrow) ck_packed_weights(static_cast<ck_packed_weights &&>(description));
}

// MARK: Dense

static ck_packed_weights *allocate_dense(Layout layout, int64_t group_elements,
                                         int32_t output_channels, int32_t kernel_height,
                                         int32_t kernel_width, int32_t input_channels) {
  if (output_channels < 1 || kernel_height < 1 || kernel_width < 1 || input_channels < 1)
    return nullptr;
  ck_packed_weights description = {};
  description.layout = layout;
  description.output_channels = output_channels;
  description.kernel_height = kernel_height;
  description.kernel_width = kernel_width;
  description.input_channels = input_channels;
  description.block_channels = input_channels;
  description.steps =
      (int64_t{kernel_width} * input_channels + group_elements - 1) / group_elements;
  description.panel_stride = kernel_height * description.steps * panel_group_bytes;
  return allocate_panels(static_cast<ck_packed_weights &&>(description));
}

/// Copies weights − zero point, `group_elements` to a group.
template <int64_t group_elements, typename Source, typename Packed>
static void fill_dense(const ck_packed_weights &packed, const Source *weights, Source zero_point,
                       Packed *panels) {
  const int64_t run_elements = int64_t{packed.kernel_width} * packed.input_channels;
  const int64_t whole_groups = run_elements / group_elements;
  constexpr int64_t step_elements = panel_channels * group_elements;
  for (int64_t channel = 0; channel < packed.output_channels; ++channel) {
    Packed *panel = panels +
                    channel / panel_channels * packed.kernel_height * packed.steps * step_elements +
                    channel % panel_channels * group_elements;
    for (int64_t row = 0; row < packed.kernel_height; ++row) {
      for (int64_t group = 0; group < whole_groups; ++group)
        for (int64_t i = 0; i < group_elements; ++i)
          panel[group * step_elements + i] = static_cast<Packed>(*weights++ - zero_point);
      for (int64_t i = 0; i < run_elements % group_elements; ++i)
        panel[whole_groups * step_elements + i] = static_cast<Packed>(*weights++ - zero_point);
      panel += packed.steps * step_elements;
    }
  }
}

/// Copies weights block by block.
static void fill_blocks(const ck_packed_weights &packed, const float *weights, float *panels) {
  const int64_t pixels = int64_t{packed.kernel_height} * packed.kernel_width;
  const int64_t inputs = packed.input_channels, block = packed.block_channels;
  for (int64_t channel = 0; channel < packed.output_channels; ++channel) {
    float *group = panels + channel / panel_channels * pixels * inputs * panel_channels +
                   channel % panel_channels;
    for (int64_t first = 0; first < inputs; first += block)
      for (int64_t pixel = 0; pixel < pixels; ++pixel)
        for (int64_t i = first; i < std::min(first + block, inputs); ++i, group += panel_channels)
          *group = weights[(channel * pixels + pixel) * inputs + i];
  }
}

static void sum_channels(const ck_packed_weights &packed, const int8_t *weights) {
  const int64_t elements =
      int64_t{packed.kernel_height} * packed.kernel_width * packed.input_channels;
  int32_t *sums = packed.channel_sums.as<int32_t>();
  for (int64_t channel = 0; channel < packed.output_channels; ++channel)
    for (int64_t i = 0; i < elements; ++i) sums[channel] = wrapping_add(sums[channel], *weights++);
}

// MARK: Depthwise

static ck_packed_weights *allocate_depthwise(Layout layout, int32_t kernel_height,
                                             int32_t kernel_width, int32_t output_channels) {
  if (output_channels < 1 || kernel_height < 1 || kernel_width < 1) return nullptr;
  const int64_t taps = int64_t{kernel_height} * kernel_width;
  ck_packed_weights description = {};
  description.layout = layout;
  description.output_channels = output_channels;
  description.kernel_height = kernel_height;
  description.kernel_width = kernel_width;
  description.input_channels = 1;
  description.is_depthwise = true;
  description.steps = layout == Layout::pairs16 ? (taps + 1) / 2 * 2 : taps;
  const int64_t tap_bytes = layout == Layout::pairs16 ? panel_group_bytes / 2 : panel_group_bytes;
  description.panel_stride = description.steps * tap_bytes;
  return allocate_panels(static_cast<ck_packed_weights &&>(description));
}

}  // namespace ckernels

// MARK: Public interface

using namespace ckernels;

void ck_free_packed_weights(ck_packed_weights *weights) { delete weights; }

ck_packed_weights *ck_pack_conv2d_i8(const int8_t *weights, int32_t weight_zero_point,
                                     int32_t output_channels, int32_t kernel_height,
                                     int32_t kernel_width, int32_t input_channels) {
  const int8_t zero_point = static_cast<int8_t>(weight_zero_point);
  const Layout layout = zero_point == 0 ? instruction_set().symmetric_layout : Layout::pairs16;
  const int64_t group_elements = layout == Layout::quads8 ? 4 : 2;
  ck_packed_weights *packed = allocate_dense(layout, group_elements, output_channels, kernel_height,
                                             kernel_width, input_channels);
  if (packed == nullptr) return nullptr;
  if (layout == Layout::quads8) {
    fill_dense<4>(*packed, weights, zero_point, packed->panels.as<int8_t>());
    sum_channels(*packed, weights);
  } else {
    fill_dense<2>(*packed, weights, zero_point, packed->panels.as<int16_t>());
  }
  return packed;
}

ck_packed_weights *ck_pack_conv2d_i16x8(const int8_t *weights, int32_t output_channels,
                                        int32_t kernel_height, int32_t kernel_width,
                                        int32_t input_channels) {
  ck_packed_weights *packed = allocate_dense(Layout::pairs16, 2, output_channels, kernel_height,
                                             kernel_width, input_channels);
  if (packed != nullptr) fill_dense<2>(*packed, weights, int8_t{0}, packed->panels.as<int16_t>());
  return packed;
}

ck_packed_weights *ck_pack_conv2d_f32(const float *weights, int32_t output_channels,
                                      int32_t kernel_height, int32_t kernel_width,
                                      int32_t input_channels, int32_t block_channels) {
  ck_packed_weights *packed = allocate_dense(Layout::float32, 1, output_channels, kernel_height,
                                             kernel_width, input_channels);
  if (packed == nullptr) return nullptr;
  if (block_channels < 1 || block_channels >= input_channels) {
    fill_dense<1>(*packed, weights, 0.0f, packed->panels.as<float>());
    return packed;
  }
  packed->block_channels = block_channels;
  packed->steps = block_channels;
  fill_blocks(*packed, weights, packed->panels.as<float>());
  return packed;
}

ck_packed_weights *ck_pack_depthwise_conv2d_i8(const int8_t *weights, int32_t weight_zero_point,
                                               int32_t kernel_height, int32_t kernel_width,
                                               int32_t output_channels) {
  ck_packed_weights *packed =
      allocate_depthwise(Layout::pairs16, kernel_height, kernel_width, output_channels);
  if (packed == nullptr) return nullptr;
  const int8_t zero_point = static_cast<int8_t>(weight_zero_point);
  int32_t slot_of_channel[panel_channels];
  for (int32_t slot = 0; slot < panel_channels; ++slot)
    slot_of_channel[depthwise_channel_order[slot]] = slot;

  int16_t *panels = packed->panels.as<int16_t>();
  for (int64_t tap = 0; tap < int64_t{kernel_height} * kernel_width; ++tap) {
    for (int64_t channel = 0; channel < output_channels; ++channel) {
      int16_t *pair =
          panels + (channel / panel_channels * packed->steps + tap / 2 * 2) * panel_channels;
      pair[2 * slot_of_channel[channel % panel_channels] + tap % 2] =
          static_cast<int16_t>(*weights++ - zero_point);
    }
  }
  return packed;
}

ck_packed_weights *ck_pack_depthwise_conv2d_i16x8(const int8_t *weights, int32_t kernel_height,
                                                  int32_t kernel_width, int32_t output_channels) {
  return ck_pack_depthwise_conv2d_i8(weights, 0, kernel_height, kernel_width, output_channels);
}

ck_packed_weights *ck_pack_depthwise_conv2d_f32(const float *weights, int32_t kernel_height,
                                                int32_t kernel_width, int32_t output_channels) {
  ck_packed_weights *packed =
      allocate_depthwise(Layout::float32, kernel_height, kernel_width, output_channels);
  if (packed == nullptr) return nullptr;
  float *panels = packed->panels.as<float>();
  for (int64_t tap = 0; tap < packed->steps; ++tap)
    for (int64_t channel = 0; channel < output_channels; ++channel)
      panels[(channel / panel_channels * packed->steps + tap) * panel_channels +
             channel % panel_channels] = *weights++;
  return packed;
}
