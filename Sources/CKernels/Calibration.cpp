#include <algorithm>
#include <cstring>

#include "Multiversion.h"

using namespace ckernels;

namespace {

/// An integer for each float, in the same order: infinities lie next to the finite numbers, NaNs
/// beyond them. Applied twice, it gives the bits back.
inline int32_t order_key(int32_t bits) { return bits ^ ((bits >> 31) & 0x7FFFFFFF); }

constexpr int32_t infinity_bits = 0x7F800000;

inline float float_of_key(int32_t key) {
  const int32_t bits = order_key(key);
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

constexpr int32_t bin_count = 2 * ck_histogram_side;
/// Neighbouring values are often equal; counted in different places, they do not wait for each
/// other.
constexpr int32_t lane_count = 4;
/// Values whose bins are found together.
constexpr int64_t strip = 1024;
/// Strips until a count of 16 bits might overflow.
constexpr int64_t strips_between_flushes = 65535 / (strip / lane_count);

/// Counts of 16 bits, so that all lanes fit the fastest cache together.
struct Lanes {
  uint16_t counts[lane_count][bin_count];
};

/// Finds the bins of up to `strip` values; returns how many values are 0.
int64_t find_bins(const float *values, int64_t count, float inverse_width, uint16_t *bins) {
  int32_t zeros = 0;
  int32_t *const sum = &zeros;
  vectorized(CKERNELS_LOOP {
    int32_t found = 0;
    for (int64_t i = 0; i < count; ++i) {
      const float place = values[i] * inverse_width;
      // What is below takes the lowest bin, as does NaN: the comparison fails.
      const float above = place >= -ck_histogram_side ? place : -ck_histogram_side;
      const float within = above < ck_histogram_side ? above : ck_histogram_side - 1;
      const int32_t whole = static_cast<int32_t>(within);
      const int32_t floor = whole - (within < static_cast<float>(whole) ? 1 : 0);
      bins[i] = static_cast<uint16_t>(floor + ck_histogram_side);
      found += values[i] == 0 ? 1 : 0;
    }
    *sum = found;
  });
  return zeros;
}

void count_bins(const uint16_t *bins, int64_t count, Lanes &lanes) {
  int64_t i = 0;
  for (; i + lane_count <= count; i += lane_count)
    for (int32_t lane = 0; lane < lane_count; ++lane) ++lanes.counts[lane][bins[i + lane]];
  for (; i < count; ++i) ++lanes.counts[0][bins[i]];
}

void flush(Lanes &lanes, uint64_t *counts) {
  const uint16_t *const first = lanes.counts[0];
  vectorized(CKERNELS_LOOP {
    for (int32_t bin = 0; bin < bin_count; ++bin) {
      uint32_t sum = 0;
      for (int32_t lane = 0; lane < lane_count; ++lane) sum += first[lane * bin_count + bin];
      counts[bin] += sum;
    }
  });
  std::memset(&lanes, 0, sizeof lanes);
}

}  // namespace

int32_t ck_find_extremes_f32(const float *values, int64_t count, ck_extremes *extremes) {
  int32_t keys[2] = {};
  int32_t *const found = keys;
  vectorized(CKERNELS_LOOP {
    int32_t least = INT32_MAX, largest = INT32_MIN;
    for (int64_t i = 0; i < count; ++i) {
      int32_t bits;
      std::memcpy(&bits, values + i, sizeof bits);
      const int32_t key = order_key(bits);
      least = std::min(least, key);
      largest = std::max(largest, key);
    }
    found[0] = least;
    found[1] = largest;
  });
  *extremes = {float_of_key(keys[0]), float_of_key(keys[1])};
  return keys[0] > order_key(INT32_MIN | infinity_bits) && keys[1] < infinity_bits;
}

int64_t ck_histogram_f32(const float *values, int64_t count, float inverse_width,
                         uint64_t *counts) {
  Lanes lanes = {};
  uint16_t bins[strip];
  int64_t zeros = 0, strips = 0;
  for (int64_t first = 0; first < count; first += strip) {
    const int64_t part = std::min(strip, count - first);
    zeros += find_bins(values + first, part, inverse_width, bins);
    count_bins(bins, part, lanes);
    if (++strips % strips_between_flushes == 0) flush(lanes, counts);
  }
  flush(lanes, counts);
  counts[ck_histogram_side] -= static_cast<uint64_t>(zeros);
  return zeros;
}
