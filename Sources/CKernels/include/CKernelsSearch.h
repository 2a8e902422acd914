#ifndef CKERNELS_SEARCH_H
#define CKERNELS_SEARCH_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// MARK: Rows of numbers, for histories of memories

/// The index of the first number that is not `value`; `count` if all are.
int64_t ck_first_other_i32(const int32_t *numbers, int64_t count, int32_t value);

/// Sets all numbers to `value`.
void ck_fill_i32(int32_t *numbers, int64_t count, int32_t value);

/// The largest number and 0.
int32_t ck_largest_i32(const int32_t *numbers, int64_t count);

#ifdef __cplusplus
}
#endif

#endif
