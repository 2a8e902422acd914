#include "RecurrentVectors.h"

#include <algorithm>
#include <cmath>

#include "FixedPoint.h"
#include "Multiversion.h"

#pragma STDC FP_CONTRACT OFF

namespace ckernels {
namespace {

/// Partial sums of a float product, each over every sixteenth term.
constexpr int32_t lanes = 16;

void float_products(const float *weights, int32_t rows, const float *vector, int32_t count,
                    float *sums) {
  vectorized(CKERNELS_LOOP {
    const float *row = weights;
    for (int32_t r = 0; r < rows; ++r, row += count) {
      float partial[lanes] = {};
      const int32_t whole = count / lanes * lanes;
      for (int32_t i = 0; i < whole; i += lanes)
        for (int32_t lane = 0; lane < lanes; ++lane)
          partial[lane] += row[i + lane] * vector[i + lane];
      for (int32_t i = whole; i < count; ++i) partial[i - whole] += row[i] * vector[i];
      for (int32_t width = lanes / 2; width > 0; width /= 2)
        for (int32_t lane = 0; lane < width; ++lane) partial[lane] += partial[lane + width];
      sums[r] += partial[0];
    }
  });
}

/// The nearest integer, halves away from zero, limited to bounds within 32 bits; NaN gives the
/// lower one.
int32_t nearest(float value, float low, float high) {
  const float rounded = std::round(value);
  return static_cast<int32_t>(rounded >= low ? std::min(rounded, high) : low);
}

/// TFLite's choice of an 8-bit zero point for a range that contains 0: that end of the range
/// decides which gives the smaller error.
int32_t zero_point_of_range(double lowest, double highest, double scale) {
  const double from_lowest = -128 - lowest / scale, from_highest = 127 - highest / scale;
  const bool takes_lowest = 128 + std::abs(lowest / scale) < 127 + std::abs(highest / scale);
  const double point = takes_lowest ? from_lowest : from_highest;
  if (!(point > -128)) return -128;
  return point >= 127 ? 127 : static_cast<int32_t>(std::round(point));
}

/// `tanh(x)` as a quotient of polynomials, with the coefficients and the limit of the library that
/// TFLite uses: where 8-bit inputs follow, an ulp less than 1 would move their zero point.
float hyperbolic_tangent(float value) {
  constexpr float limit = 7.90738964080810547f;
  const float x = limited(value, -limit, limit), x2 = x * x;
  const float p =
      ((1.394553628e-8f * x2 + 2.102733560e-5f) * x2 + 3.520756727e-3f) * x2 + 1.340216100e-1f;
  const float q =
      (((8.015776984e-7f * x2 + 3.326951409e-4f) * x2 + 2.597254514e-2f) * x2 + 4.673548340e-1f) *
          x2 +
      1;
  return (x2 * x * p + x) / q;
}

}  // namespace

void integer_products(const int8_t *weights, int32_t rows, const int16_t *vector, int32_t count,
                      int32_t *sums) {
  vectorized(CKERNELS_LOOP {
    const int8_t *row = weights;
    for (int32_t r = 0; r < rows; ++r, row += count) {
      uint32_t sum = 0;
      for (int32_t i = 0; i < count; ++i) sum += static_cast<uint32_t>(row[i] * vector[i]);
      sums[r] = static_cast<int32_t>(sum);
    }
  });
}

void RecurrentOperand::accumulate(const ck_recurrent_weights &weights, int32_t rows, float *sums) {
  if (weights.values != nullptr)
    return float_products(weights.values, rows, values, count, sums);
  if (weights.quantized == nullptr) return;
  if (!is_quantized) quantize();
  std::vector<int32_t> products(static_cast<size_t>(rows));
  integer_products(weights.quantized, rows, centered.data(), count, products.data());
  const float factor = scale * weights.scale;
  for (int32_t row = 0; row < rows; ++row)
    sums[row] += static_cast<float>(products[static_cast<size_t>(row)]) * factor;
}

void RecurrentOperand::quantize() {
  is_quantized = true;
  quantizes_asymmetrically ? quantize_with_zero_point() : quantize_symmetrically();
}

void RecurrentOperand::quantize_symmetrically() {
  const auto ends = std::minmax_element(values, values + count);
  const float range = std::max(std::abs(*ends.first), std::abs(*ends.second));
  if (range == 0) {
    std::fill(centered.begin(), centered.end(), int16_t{0});
    scale = 1;
    return;
  }
  scale = range / 127;
  const float inverse = 127 / range;
  for (int32_t i = 0; i < count; ++i)
    centered[static_cast<size_t>(i)] =
        static_cast<int16_t>(nearest(values[i] * inverse, -127, 127));
}

void RecurrentOperand::quantize_with_zero_point() {
  const auto ends = std::minmax_element(values, values + count);
  const double lowest = std::min(0.0f, *ends.first), highest = std::max(0.0f, *ends.second);
  if (lowest == highest) {
    std::fill(centered.begin(), centered.end(), int16_t{0});
    scale = 1;
    return;
  }
  const double step = (highest - lowest) / 255;
  const int32_t zero_point = zero_point_of_range(lowest, highest, step);
  scale = static_cast<float>(step);
  const float inverse = 1 / scale;
  for (int32_t i = 0; i < count; ++i) {
    const float value = static_cast<float>(zero_point) + values[i] * inverse;
    centered[static_cast<size_t>(i)] =
        static_cast<int16_t>(nearest(value, -128, 127) - zero_point);
  }
}

void activate(ck_recurrent_activation activation, float *values, int32_t count) {
  const auto apply = [=](auto function) {
    for (int32_t i = 0; i < count; ++i) values[i] = function(values[i]);
  };
  switch (activation) {
    case ck_recurrent_none: return;
    case ck_recurrent_relu: return apply([](float x) { return std::max(0.0f, x); });
    case ck_recurrent_relu_n1_to_1: return apply([](float x) { return limited(x, -1.0f, 1.0f); });
    case ck_recurrent_relu6: return apply([](float x) { return limited(x, 0.0f, 6.0f); });
    case ck_recurrent_tanh: return apply(hyperbolic_tangent);
    case ck_recurrent_sign_bit: return apply([](float x) { return std::signbit(x) ? 1.0f : 0.0f; });
  }
}

}  // namespace ckernels
