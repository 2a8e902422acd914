#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace ckernels {

/// A matrix's columns in groups of `width`, each group's rows one after the other; what is missing
/// of the last group is 0.
template <typename Number>
std::vector<Number> packed_columns(const Number *numbers, int64_t rows, int64_t stride,
                                   int64_t begin, int64_t end, int64_t width) {
  const int64_t groups = (end - begin + width - 1) / width;
  std::vector<Number> result(static_cast<size_t>(groups * rows * width));
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t group = 0; group < groups; ++group) {
      const int64_t first = begin + group * width;
      std::copy_n(numbers + row * stride + first, std::min(width, end - first),
                  result.begin() + (group * rows + row) * width);
    }
  return result;
}

}  // namespace ckernels
