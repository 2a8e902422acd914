#include "RecurrentVectors.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "FixedPoint.h"
#include "Multiversion.h"

#pragma STDC FP_CONTRACT OFF

namespace ckernels {
namespace {

/// TFLite's choice of an 8-bit zero point for a range that contains 0: that end of the range
/// decides which gives the smaller error.
int32_t zero_point_of_range(double lowest, double highest, double scale) {
  const double from_lowest = -128 - lowest / scale, from_highest = 127 - highest / scale;
  const bool takes_lowest = 128 + std::abs(lowest / scale) < 127 + std::abs(highest / scale);
  const double point = takes_lowest ? from_lowest : from_highest;
  if (!(point > -128)) return -128;
  return point >= 127 ? 127 : static_cast<int32_t>(std::round(point));
}

/// `2^exponent` for exponents that `logistic` needs; some number for others, and for NaN.
float power_of_two(float exponent) {
  const float needed = exponent >= -76 ? std::min(exponent, 13.0f) : -76;
  const uint32_t bits = static_cast<uint32_t>(static_cast<int32_t>(needed) + 127) << 23;
  float result;
  std::memcpy(&result, &bits, sizeof result);
  return result;
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

/// From here on, the logistic function is 1.
constexpr float logistic_limit = 16.6355324f;

/// `1 / (1 + e⁻ˣ)` from a polynomial for √eˣ, with the coefficients and the limits of the library
/// that TFLite uses.
float logistic(float value) {
  const float x = std::min(value, logistic_limit) * 0.5f;
  // x = power · ln 2 + r; the constant has few bits, so that its multiples are exact, and a rest.
  const float power = std::floor(x * 1.44269504088896341f + 0.5f);
  const float r = power * 2.12194440e-4f + (power * -0.693359375f + x), r2 = r * r;
  const float even = r2 * 4.1898667812347412109375e-2f + 0.49999141693115234375f;
  const float odd = r2 * 8.33471305668354034423828125e-3f + 0.16666877269744873046875f;
  const float root = (r2 * (r * odd + even) + (r + 1)) * power_of_two(power);
  const float exponential = root * root;
  return value < -104 ? 0 : exponential / (1 + exponential);
}

/// As `logistic`, but from the system's exponential.
float logistic_of_single(float value) {
  const float exponential = std::exp(std::min(value, logistic_limit));
  return exponential / (1 + exponential);
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
  if (weights.values != nullptr) return accumulate_floats(weights.values, rows, sums);
  if (weights.quantized == nullptr) return;
  if (!is_quantized) quantize();
  std::vector<int32_t> products(static_cast<size_t>(rows));
  integer_products(weights.quantized, rows, centered.data(), count, products.data());
  const float factor = scale * weights.scale;
  for (int32_t row = 0; row < rows; ++row)
    sums[row] += static_cast<float>(products[static_cast<size_t>(row)]) * factor;
}

void RecurrentOperand::accumulate_floats(const float *weights, int32_t rows, float *sums) {
  if (column.count == 0) return add_row_products(weights, rows, values, count, sums);
  RowMatrix &matrix = matrices.try_emplace(weights, weights, rows, count).first->second;
  matrix.add_products(values, column, sums);
}

void RecurrentOperand::quantize() {
  is_quantized = true;
  quantizes_asymmetrically ? quantize_with_zero_point() : quantize_symmetrically();
}

void RecurrentOperand::quantize(float factor, int32_t zero_point, int32_t least) {
  ck_quantize_dynamically(values, count, factor, zero_point, least, bytes.data());
  for (std::size_t i = 0; i < bytes.size(); ++i)
    centered[i] = static_cast<int16_t>(bytes[i] - zero_point);
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
  quantize(127 / range, 0, -127);
}

void RecurrentOperand::quantize_with_zero_point() {
  const auto ends = std::minmax_element(values, values + count);
  const float lowest = std::min(0.0f, *ends.first), highest = std::max(0.0f, *ends.second);
  if (lowest == highest) {
    std::fill(centered.begin(), centered.end(), int16_t{0});
    scale = 1;
    return;
  }
  // The difference in single precision, the quotient in double.
  const double exact_scale = double{highest - lowest} / 255;
  const int32_t zero_point = zero_point_of_range(lowest, highest, exact_scale);
  scale = static_cast<float>(exact_scale);
  quantize(scale == 0 ? 0 : 1 / scale, zero_point, -128);
}

void apply_logistic(float *values, int32_t count, const VectorizedSpan &span) {
  constexpr int64_t group = 4;
  const int64_t none = 0, all = count;
  const int64_t begin = (span.begin + group - 1) / group * group - span.first;
  const int64_t low = limited(begin, none, all);
  const int64_t high = limited(span.end / group * group - span.first, low, all);
  for (int64_t i = 0; i < low; ++i) values[i] = logistic_of_single(values[i]);
  vectorized(CKERNELS_LOOP {
    for (int64_t i = low; i < high; ++i) values[i] = logistic(values[i]);
  });
  for (int64_t i = high; i < count; ++i) values[i] = logistic_of_single(values[i]);
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
