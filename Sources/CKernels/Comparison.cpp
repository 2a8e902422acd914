#include <cmath>
#include <limits>
#include <vector>

#include "Multiversion.h"

using namespace ckernels;

namespace {

template <typename Stored>
void to_real(const Stored *stored, int64_t count, float scale, int32_t zero_point, float *real) {
  vectorized(CKERNELS_LOOP {
    for (int64_t i = 0; i < count; ++i)
      real[i] = static_cast<float>(static_cast<int32_t>(stored[i]) - zero_point) * scale;
  });
}

template <typename Stored>
void to_stored(const float *real, int64_t count, float scale, int32_t zero_point,
               Stored *stored) {
  const float offset = static_cast<float>(zero_point);
  vectorized(CKERNELS_LOOP {
    constexpr float least = std::numeric_limits<Stored>::min();
    constexpr float largest = std::numeric_limits<Stored>::max();
    for (int64_t i = 0; i < count; ++i) {
      const float steps = real[i] / scale;
      const float whole = __builtin_truncf(steps);
      const float rest = steps - whole;
      const float rounded = whole + (rest >= 0.5f ? 1.0f : 0.0f) - (rest <= -0.5f ? 1.0f : 0.0f);
      const float place = rounded + offset;
      const float above = place > least ? place : least;
      const float within = above < largest ? above : largest;
      stored[i] = static_cast<Stored>(steps != steps ? 0 : static_cast<int32_t>(within));
    }
  });
}

/// Sums that are kept side by side, so that rows of few channels fill vectors too.
constexpr int64_t lane_count = 32;

struct Sums {
  double *signals, *noises, *powers;
};

void add_rows(const float *found, const float *expected, int64_t rows, int64_t width,
              const Sums &sums) {
  double *const signals = sums.signals, *const noises = sums.noises, *const powers = sums.powers;
  vectorized(CKERNELS_LOOP {
#pragma clang fp contract(off)
    for (int64_t row = 0; row < rows; ++row) {
      const float *const x = found + row * width, *const y = expected + row * width;
#pragma clang loop vectorize(assume_safety)
      for (int64_t i = 0; i < width; ++i) {
        const double a = x[i], b = y[i], difference = a - b;
        signals[i] += b * b;
        noises[i] += difference * difference;
        powers[i] += a * a;
      }
    }
  });
}

}  // namespace

void ck_real_of_i8(const int8_t *stored, int64_t count, float scale, int32_t zero_point,
                   float *real) {
  to_real(stored, count, scale, zero_point, real);
}

void ck_real_of_u8(const uint8_t *stored, int64_t count, float scale, int32_t zero_point,
                   float *real) {
  to_real(stored, count, scale, zero_point, real);
}

void ck_real_of_i16(const int16_t *stored, int64_t count, float scale, int32_t zero_point,
                    float *real) {
  to_real(stored, count, scale, zero_point, real);
}

void ck_i8_of_real(const float *real, int64_t count, float scale, int32_t zero_point,
                   int8_t *stored) {
  to_stored(real, count, scale, zero_point, stored);
}

void ck_u8_of_real(const float *real, int64_t count, float scale, int32_t zero_point,
                   uint8_t *stored) {
  to_stored(real, count, scale, zero_point, stored);
}

void ck_i16_of_real(const float *real, int64_t count, float scale, int32_t zero_point,
                    int16_t *stored) {
  to_stored(real, count, scale, zero_point, stored);
}

void ck_add_errors(const float *found, const float *expected, int64_t count, int64_t channels,
                   double *signals, double *noises, double *powers) {
  const int64_t repeats = channels < lane_count ? lane_count / channels : 1;
  const int64_t width = channels * repeats;
  std::vector<double> sums(3 * width);
  const Sums all{sums.data(), sums.data() + width, sums.data() + 2 * width};
  const int64_t rows = count / width;
  add_rows(found, expected, rows, width, all);
  add_rows(found + rows * width, expected + rows * width, 1, count - rows * width, all);
  for (int64_t i = 0; i < width; ++i) {
    signals[i % channels] += all.signals[i];
    noises[i % channels] += all.noises[i];
    powers[i % channels] += all.powers[i];
  }
}
