#include "CKernels.h"
#include "Multiversion.h"

using namespace ckernels;

namespace {

/// As many as are compared before the first look at the result.
constexpr int64_t stride = 64;

}  // namespace

int64_t ck_first_other_i32(const int32_t *numbers, int64_t count, int32_t value) {
  int64_t first = 0;
  vectorized([=, &first]() __attribute__((always_inline)) {
    int64_t i = 0;
    for (; i + stride <= count; i += stride) {
      int32_t differences = 0;
      for (int64_t k = 0; k < stride; ++k) differences |= numbers[i + k] ^ value;
      if (differences != 0) break;
    }
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
