#ifndef CKERNELS_REDUCTION_H
#define CKERNELS_REDUCTION_H

#include <stdint.h>

#include "CKernelsTypes.h"

#ifdef __cplusplus
extern "C" {
#endif

// MARK: Sums and means over axes

/// What becomes of the elements along the reduced axes.
typedef enum { ck_reduction_sum = 0, ck_reduction_mean = 1 } ck_reduction_kind;

/// Scales of a quantized SUM or MEAN:
/// `ck_requantize(Σ input − count · input_zero_point, multiplier, shift) + output_zero_point`,
/// limited to the range of the element type, in 32 bits.
///
/// The multiplier stands for `input scale / output scale`, in float64, for both kinds. A mean
/// divides it by the count, in the way of the reference kernel.
///
/// (LiteRT 2.3 itself takes the signed bytes of a SUM for unsigned ones; its later sources and this
/// kernel do not.)
typedef struct {
  ck_reduction_kind kind;
  int32_t input_zero_point, multiplier, shift, output_zero_point;
} ck_reduction;

/// Reduces a tensor of `rank` axes over those whose `is_reduced` is not 0; the output has the other
/// axes in order.
void ck_reduce_i8(const int8_t *input, const int32_t *extents, const uint8_t *is_reduced,
                  int32_t rank, const ck_reduction *reduction, int8_t *output);

/// As `ck_reduce_i8` for 16-bit elements.
void ck_reduce_i16(const int16_t *input, const int32_t *extents, const uint8_t *is_reduced,
                   int32_t rank, const ck_reduction *reduction, int16_t *output);

/// `Σ input` in 8 lanes, which loses fewer digits than one after another: the order of ONNX Runtime's
/// sums of neighbours, with the same bits on every processor.
///
/// Lanes are dealt out in vectors of 4, from the first value whose place in its tensor is a multiple
/// of 4; that of `input[0]` is `place`. What lies before and behind whole vectors is added last.
float ck_vector_sum_f32(const float *input, int64_t count, int64_t place);

#ifdef __cplusplus
}
#endif

#endif
