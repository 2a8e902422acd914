#include <cstdlib>
#include <type_traits>
#include <vector>

#include "FixedPoint.h"
#include "InstructionSet.h"

using namespace ckernels;

namespace {

/// Neighbouring axes of one kind, as one.
struct Axis {
  int64_t extent, input_stride, output_stride;
  bool is_reduced;
};

/// The axes from first to last, and how many elements go in and come out; no elements if an extent
/// is below 1.
struct Axes {
  std::vector<Axis> list;
  int64_t input_count = 1, output_count = 1;

  Axes(const int32_t *extents, const uint8_t *is_reduced, int32_t rank) {
    for (int32_t i = rank - 1; i >= 0; --i) {
      const bool reduced = is_reduced[i] != 0;
      if (extents[i] < 1) input_count = 0;
      if (input_count == 0) continue;
      if (!list.empty() && list.front().is_reduced == reduced)
        list.front().extent *= extents[i];
      else
        list.insert(list.begin(),
                    Axis{extents[i], input_count, reduced ? 0 : output_count, reduced});
      input_count *= extents[i];
      if (!reduced) output_count *= extents[i];
    }
    if (list.empty()) list.push_back({1, 1, 1, false});
  }
};

/// Adds each input to its output, in the order of inputs.
template <typename Element>
void add_all(const Axes &axes, size_t level, const Element *input, int32_t *output) {
  const Axis &axis = axes.list[level];
  if (level + 1 < axes.list.size()) {
    for (int64_t i = 0; i < axis.extent; ++i)
      add_all(axes, level + 1, input + i * axis.input_stride, output + i * axis.output_stride);
  } else if (axis.is_reduced) {
    int32_t sum = *output;
    for (int64_t i = 0; i < axis.extent; ++i) sum = wrapping_add(sum, input[i]);
    *output = sum;
  } else if constexpr (std::is_same_v<Element, int8_t>) {
    instruction_set().accumulate(input, axis.extent, output);
  } else {
    for (int64_t i = 0; i < axis.extent; ++i) output[i] = wrapping_add(output[i], input[i]);
  }
}

/// The rescaling of a mean: that of a sum, with a division by the number of addends.
void divide_by(int64_t count, int32_t &multiplier, int32_t &shift) {
  const int32_t bits = std::min(63 - __builtin_clzll(static_cast<uint64_t>(count)), 32);
  const int32_t moved = std::max(std::min(bits, 31 + shift), 0);
  multiplier = static_cast<int32_t>((int64_t{multiplier} * (int64_t{1} << moved)) / count);
  shift -= moved;
}

template <typename Element>
void reduce(const Element *input, const int32_t *extents, const uint8_t *is_reduced, int32_t rank,
            const ck_reduction &reduction, Element *output) {
  const Axes axes(extents, is_reduced, rank);
  if (axes.input_count == 0) return;
  std::vector<int32_t> sums(static_cast<size_t>(axes.output_count));
  add_all(axes, 0, input, sums.data());
  const int64_t count = axes.input_count / axes.output_count;
  int32_t multiplier = reduction.multiplier, shift = limited(reduction.shift, -31, 31);
  if (reduction.kind == ck_reduction_mean) divide_by(count, multiplier, shift);
  const int32_t offset = wrapping_multiply(static_cast<Element>(reduction.input_zero_point),
                                           static_cast<int32_t>(count));
  const int32_t zero_point = static_cast<Element>(reduction.output_zero_point);
  for (int64_t i = 0; i < axes.output_count; ++i)
    output[i] = quantized_output<Element>(
        requantize(wrapping_subtract(sums[static_cast<size_t>(i)], offset), multiplier, shift),
        zero_point, std::numeric_limits<Element>::min(), std::numeric_limits<Element>::max());
}

}  // namespace

void ck_reduce_i8(const int8_t *input, const int32_t *extents, const uint8_t *is_reduced,
                  int32_t rank, const ck_reduction *reduction, int8_t *output) {
  reduce(input, extents, is_reduced, rank, *reduction, output);
}

void ck_reduce_i16(const int16_t *input, const int32_t *extents, const uint8_t *is_reduced,
                   int32_t rank, const ck_reduction *reduction, int16_t *output) {
  reduce(input, extents, is_reduced, rank, *reduction, output);
}
