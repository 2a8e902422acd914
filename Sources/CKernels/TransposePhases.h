#pragma once

#include <vector>

#include "FixedPoint.h"
#include "Tiling.h"

/// A transposed convolution is, for each remainder of an output position by the stride, an ordinary
/// convolution of stride 1 with every stride-th tap, reversed: one set of weights for each pair of
/// remainders.
struct ck_packed_transpose_weights {
  int32_t kernel_height, kernel_width, stride_height, stride_width;
  /// [stride_height][stride_width], for tap positions modulo the stride.
  std::vector<ck_packed_weights *> phases;

  ~ck_packed_transpose_weights() {
    for (ck_packed_weights *phase : phases) ck_free_packed_weights(phase);
  }
};

namespace ckernels {

/// Along one axis, the outputs `offset + stride · i` of one phase.
struct PhaseAxis {
  int64_t offset, stride, count;
  /// Which tap positions modulo the stride meet these outputs, and the padding of the ordinary
  /// convolution that makes them.
  int32_t phase, taps, pad;

  PhaseAxis(int64_t offset, int32_t stride, int32_t kernel, int32_t transposed_pad, int64_t extent);

  /// The number of the first output at or past a position.
  int64_t first_from(int64_t position) const;
};

/// One phase of a transposed convolution: the ordinary convolution, its weights, and where its
/// pixels go.
struct Phase {
  TiledConvolution convolution;
  const ck_packed_weights *weights;
  PhaseAxis rows, columns;

  /// The pixel of the whole output that pixel `index` of the phase is.
  int64_t output_pixel(int64_t index, ck_shape output) const {
    const int64_t row = index / columns.count, column = index % columns.count;
    return (row / rows.count * output.height + rows.offset + row % rows.count * rows.stride) *
               output.width +
           columns.offset + column * columns.stride;
  }
};

/// Every phase of every batch that has outputs in the rows.
std::vector<Phase> phases(const ck_packed_transpose_weights &weights, ck_shape input,
                          ck_shape output, int32_t pad_top, int32_t pad_left, int32_t row_begin,
                          int32_t row_end);

/// Cuts a strip at row ends: `write(sums, pixels, output pixel)` for each piece.
template <typename Sum, typename Write>
void for_each_piece(const ComputedStrip<Sum> &strip, const Phase &phase, ck_shape output,
                    const Write &write) {
  for (int64_t done = 0; done < strip.pixels;) {
    const int64_t index = strip.first_pixel + done;
    const int64_t pixels =
        std::min(strip.pixels - done, phase.columns.count - index % phase.columns.count);
    write(strip.accumulators + done * tile_channels, pixels, phase.output_pixel(index, output));
    done += pixels;
  }
}

}  // namespace ckernels
