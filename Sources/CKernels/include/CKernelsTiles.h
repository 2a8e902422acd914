#ifndef CKERNELS_TILES_H
#define CKERNELS_TILES_H

#include <stdint.h>

#include "CKernelsTypes.h"

#ifdef __cplusplus
extern "C" {
#endif

// What a simulator computes whose memories hold tiles and accumulators. Its calls are many and
// small, so they ask for no memory of their own.

/// Memory that calls compute in, and leave to the next; for one thread at a time.
typedef struct ck_scratch ck_scratch;

/// NULL if memory runs out.
ck_scratch *ck_make_scratch(void);

/// NULL is allowed.
void ck_free_scratch(ck_scratch *scratch);

/// The part of a convolution that one tile of its input has in some of its sums.
typedef struct {
  /// Dense, with its padding already in it.
  const int8_t *tile;
  ck_shape tile_shape;
  int32_t input_zero_point;
  /// Its pads are usually 0.
  ck_window window;
  /// Dense, of `accumulator_shape`.
  int32_t *accumulators;
  ck_shape accumulator_shape;
  /// Whether sums are added to the accumulators (1) or replace them (0).
  int32_t adds;
} ck_convolution_tile;

/// `accumulators[y, x, o] += Σ (tile − input_zero_point) · (weights[o] − weight_zero_point)`.
///
/// The weights are what `ck_pack_conv2d_i8` or `ck_pack_depthwise_conv2d_i8` makes of exactly the
/// tile's input and output channels.
void ck_accumulate_tile(const ck_convolution_tile *tile, const ck_packed_weights *weights,
                        ck_scratch *scratch);

/// Makes `ck_accumulate_tile` faster for input of this zero point: what it takes from the sums is
/// computed here, once.
void ck_expect_input_zero_point(ck_packed_weights *weights, int32_t input_zero_point);

/// Where the bytes of a box [height][width][channels] are: channels side by side, rows and pixels
/// apart by strides in bytes.
typedef struct {
  int64_t row_stride, pixel_stride;
} ck_box_layout;

/// A box of bytes [height][width][channels], and where it is copied to. The two must not overlap.
typedef struct {
  const uint8_t *from;
  uint8_t *to;
  ck_box_layout from_layout, to_layout;
  int32_t height, width, channels;
  /// 128 makes signed bytes of unsigned ones and back, 0 copies.
  uint8_t flipped_bits;
} ck_box_copy;

/// `to = from XOR flipped_bits` for each byte of a box.
void ck_copy_box(const ck_box_copy *copy);

#ifdef __cplusplus
}
#endif

#endif
