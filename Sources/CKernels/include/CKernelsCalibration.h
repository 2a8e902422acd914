#ifndef CKERNELS_CALIBRATION_H
#define CKERNELS_CALIBRATION_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// MARK: Ranges of values, for calibration

/// The least and the largest of some values.
typedef struct {
  float least, largest;
} ck_extremes;

/// Finds the extremes of `count` values, which are at least one; −0 is less than 0.
///
/// Returns 0, and says nothing of the extremes, if a value is infinite or not a number.
int32_t ck_find_extremes_f32(const float *values, int64_t count, ck_extremes *extremes);

/// Bins of a histogram on either side of 0.
enum { ck_histogram_side = 2048 };

/// Adds values to a histogram of 2 · `ck_histogram_side` bins: bin `k + ck_histogram_side` counts
/// what lies in `k · width ..< (k + 1) · width`, and zeros are left out. Returns how many they are.
///
/// The inverse of the width is a power of two, so that products are exact. Values beyond the bins,
/// and NaN, count in one of the outermost.
int64_t ck_histogram_f32(const float *values, int64_t count, float inverse_width,
                         uint64_t *counts);

#ifdef __cplusplus
}
#endif

#endif
