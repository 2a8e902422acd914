#ifndef CKERNELS_RESIZE_H
#define CKERNELS_RESIZE_H

#include <stdint.h>

#include "CKernelsTypes.h"

#ifdef __cplusplus
extern "C" {
#endif

// MARK: Resizing images

/// Which input position output x of `outputs` stands for.
typedef enum {
  /// `x · inputs / outputs`.
  ck_sampling_asymmetric = 0,
  /// `x · (inputs − 1) / (outputs − 1)`; as asymmetric for a single output.
  ck_sampling_align_corners = 1,
  /// `(x + 1/2) · inputs / outputs − 1/2`; nearest neighbours leave out the last term.
  ck_sampling_half_pixel_centers = 2
} ck_sampling;

/// Bilinear interpolation of the four neighbours, positions in steps of 1/1024, halves of the
/// result away from zero.
///
/// Input and output share scale and zero point; batches and channels of both shapes are equal.
void ck_resize_bilinear_i8(const int8_t *input, ck_shape input_shape, ck_sampling sampling,
                           int8_t *output, ck_shape output_shape, int32_t row_begin,
                           int32_t row_end);

/// As `ck_resize_bilinear_i8` for 16-bit elements.
void ck_resize_bilinear_i16(const int16_t *input, ck_shape input_shape, ck_sampling sampling,
                            int16_t *output, ck_shape output_shape, int32_t row_begin,
                            int32_t row_end);

/// As `ck_resize_bilinear_f32`, halves of the result up: TFLite's kernel for unsigned bytes.
void ck_resize_bilinear_u8(const uint8_t *input, ck_shape input_shape, ck_sampling sampling,
                           uint8_t *output, ck_shape output_shape, int32_t row_begin,
                           int32_t row_end);

/// Bilinear interpolation of the four neighbours, in float32.
void ck_resize_bilinear_f32(const float *input, ck_shape input_shape, ck_sampling sampling,
                            float *output, ck_shape output_shape, int32_t row_begin,
                            int32_t row_end);

/// The nearest neighbour, with elements of any type of `element_bytes` bytes: the position rounded
/// down, or, where corners are aligned, to the nearest, halves up.
void ck_resize_nearest_neighbor(const void *input, int32_t element_bytes, ck_shape input_shape,
                                ck_sampling sampling, void *output, ck_shape output_shape,
                                int32_t row_begin, int32_t row_end);

#ifdef __cplusplus
}
#endif

#endif
