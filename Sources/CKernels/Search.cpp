#include "CKernels.h"
#include "Multiversion.h"

using namespace ckernels;

namespace {

/// As many as are compared at once.
constexpr int64_t stride = 16;

}  // namespace

/// Whether the next `stride` numbers are equal to a value.
static inline bool are_all(const int32_t *numbers, int32_t value) {
  int32_t differences = 0;
  for (int64_t k = 0; k < stride; ++k) differences |= numbers[k] ^ value;
  return differences == 0;
}

int64_t ck_first_other_i32(const int32_t *numbers, int64_t count, int32_t value) {
  int64_t first = 0;
  vectorized([=, &first]() __attribute__((always_inline)) {
    int64_t i = 0;
    while (i + stride <= count && are_all(numbers + i, value)) i += stride;
    // The last few come with some that were looked at before.
    if (stride < count && count < i + stride && are_all(numbers + count - stride, value)) i = count;
    while (i < count && numbers[i] == value) ++i;
    first = i;
  });
  return first;
}

void ck_fill_i32(int32_t *numbers, int64_t count, int32_t value) {
  vectorized([=]() __attribute__((always_inline)) {
    for (int64_t i = 0; i < count; ++i) numbers[i] = value;
  });
}

int32_t ck_largest_i32(const int32_t *numbers, int64_t count) {
  int32_t largest = 0;
  vectorized([=, &largest]() __attribute__((always_inline)) {
    int32_t found = 0;
    for (int64_t i = 0; i < count; ++i) found = numbers[i] > found ? numbers[i] : found;
    largest = found;
  });
  return largest;
}
