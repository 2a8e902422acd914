#ifndef CKERNELS_POOLING_H
#define CKERNELS_POOLING_H

#include <stdint.h>

#include "CKernelsTypes.h"

#ifdef __cplusplus
extern "C" {
#endif

// MARK: Pooling

/// The mean of the window's valid elements, halves away from zero, then clamped; a window with none
/// counts as 0.
///
/// Input and output share scale and zero point, as TFLite demands. Channels of both shapes are
/// equal.
void ck_average_pool_i8(const int8_t *input, ck_shape input_shape, ck_window window,
                        int32_t clamp_min, int32_t clamp_max, int8_t *output, ck_shape output_shape,
                        int32_t row_begin, int32_t row_end);

/// The mean of the window's valid elements, halves up, then clamped to bounds within 0 ... 255; a
/// window with none counts as 0.
void ck_average_pool_u8(const uint8_t *input, ck_shape input_shape, ck_window window,
                        int32_t clamp_min, int32_t clamp_max, uint8_t *output,
                        ck_shape output_shape, int32_t row_begin, int32_t row_end);

/// As `ck_average_pool_i8` for 16-bit elements.
void ck_average_pool_i16(const int16_t *input, ck_shape input_shape, ck_window window,
                         int32_t clamp_min, int32_t clamp_max, int16_t *output,
                         ck_shape output_shape, int32_t row_begin, int32_t row_end);

/// The largest of the window's valid elements, then clamped; a window with none counts as −128.
void ck_max_pool_i8(const int8_t *input, ck_shape input_shape, ck_window window, int32_t clamp_min,
                    int32_t clamp_max, int8_t *output, ck_shape output_shape, int32_t row_begin,
                    int32_t row_end);

/// As `ck_max_pool_i8` for 16-bit elements; a window with none counts as −32768.
void ck_max_pool_i16(const int16_t *input, ck_shape input_shape, ck_window window,
                     int32_t clamp_min, int32_t clamp_max, int16_t *output, ck_shape output_shape,
                     int32_t row_begin, int32_t row_end);

/// The sum of the window's valid elements from 0, row by row, over their number; a window with none
/// gives 0. Then clamped.
void ck_average_pool_f32(const float *input, ck_shape input_shape, ck_window window,
                         float clamp_min, float clamp_max, float *output, ck_shape output_shape,
                         int32_t row_begin, int32_t row_end);

/// The root of the mean of the squares that `ck_average_pool_f32` would take for elements, then
/// clamped.
void ck_l2_pool_f32(const float *input, ck_shape input_shape, ck_window window, float clamp_min,
                    float clamp_max, float *output, ck_shape output_shape, int32_t row_begin,
                    int32_t row_end);

/// The largest of the window's valid elements; a window with none gives the lowest finite float.
/// Then clamped.
void ck_max_pool_f32(const float *input, ck_shape input_shape, ck_window window, float clamp_min,
                     float clamp_max, float *output, ck_shape output_shape, int32_t row_begin,
                     int32_t row_end);

#ifdef __cplusplus
}
#endif

#endif
