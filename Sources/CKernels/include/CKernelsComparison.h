#ifndef CKERNELS_COMPARISON_H
#define CKERNELS_COMPARISON_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// MARK: Stored numbers beside real ones, for reports of errors

/// `real[i] = (stored[i] − zero_point) · scale`.
void ck_real_of_i8(const int8_t *stored, int64_t count, float scale, int32_t zero_point,
                   float *real);
void ck_real_of_u8(const uint8_t *stored, int64_t count, float scale, int32_t zero_point,
                   float *real);
void ck_real_of_i16(const int16_t *stored, int64_t count, float scale, int32_t zero_point,
                    float *real);

/// `stored[i] = clamp(round(real[i] / scale) + zero_point)`, halves away from zero; 0 for a NaN.
void ck_i8_of_real(const float *real, int64_t count, float scale, int32_t zero_point,
                   int8_t *stored);
void ck_u8_of_real(const float *real, int64_t count, float scale, int32_t zero_point,
                   uint8_t *stored);
void ck_i16_of_real(const float *real, int64_t count, float scale, int32_t zero_point,
                    int16_t *stored);

/// Adds to the sums of each channel: `expected²` to `signals`, `(found − expected)²` to `noises`,
/// `found²` to `powers`. `count` is a multiple of `channels`; a row has its channels side by side.
void ck_add_errors(const float *found, const float *expected, int64_t count, int64_t channels,
                   double *signals, double *noises, double *powers);

#ifdef __cplusplus
}
#endif

#endif
