#ifndef CKERNELS_NORMALIZATION_H
#define CKERNELS_NORMALIZATION_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// MARK: Softmax

/// Softmax over `rows` rows of `depth` values, to scale 1/256 and zero point −128.
///
/// In TFLite's fixed point: differences d to the row's maximum become Q5.26 by
/// `ck_requantize(d, input_multiplier, input_left_shift)`, their exponentials are Q0.31 and the sum
/// is Q12.19. Differences below `diff_min` give −128.
///
/// The TFLite reference aborts when the exponentials sum to 512 or more. No output then exceeds
/// half a step, so all are −128.
void ck_softmax_i8(const int8_t *input, int64_t rows, int32_t depth, int32_t input_multiplier,
                   int32_t input_left_shift, int32_t diff_min, int8_t *output);

/// `output = exp(beta · (x − max)) / Σ exp(beta · (x − max))` over rows of `depth` values, summed
/// from first to last.
void ck_softmax_f32(const float *input, int64_t rows, int32_t depth, float beta, float *output);

#ifdef __cplusplus
}
#endif

#endif
