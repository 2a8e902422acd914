#include <algorithm>
#include <cmath>

#include "Multiversion.h"
#include "Polynomials.h"

#pragma STDC FP_CONTRACT OFF

using namespace ckernels;

namespace {

/// The lanes of a sum of exponentials.
constexpr int32_t lane_count = 16;

/// `Σ values`: lanes 8 to 15 go to 0 to 7, then neighbours are added, neighbouring pairs, halves.
float sum_of_lanes(const float *values, int32_t count) {
  float lanes[lane_count] = {};
  float *sums = lanes;
  vectorized(CKERNELS_LOOP {
    int32_t first = 0;
    for (; first + lane_count <= count; first += lane_count)
      for (int32_t lane = 0; lane < lane_count; ++lane) sums[lane] += values[first + lane];
    for (int32_t i = first; i < count; ++i) sums[i - first] += values[i];
  });
  for (int32_t lane = 0; lane < 8; ++lane) lanes[lane] += lanes[lane + 8];
  return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) +
         ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

/// Writes `exp((input − largest) · beta)` and returns the sum.
float exponentials(const float *input, int32_t depth, float largest, float beta, float *output) {
  vectorized(CKERNELS_LOOP {
    for (int32_t i = 0; i < depth; ++i) output[i] = polynomial_exp((input[i] - largest) * beta);
  });
  return sum_of_lanes(output, depth);
}

}  // namespace

void ck_vector_softmax_f32(const float *input, int64_t rows, int32_t depth, float beta,
                           float *output) {
  if (depth < 1) return;
  for (int64_t row = 0; row < rows; ++row, input += depth, output += depth) {
    const float largest = *std::max_element(input, input + depth);
    const float factor = 1 / exponentials(input, depth, largest, beta, output);
    for (int32_t i = 0; i < depth; ++i) output[i] *= factor;
  }
}

void ck_vector_log_softmax_f32(const float *input, int64_t rows, int32_t depth, float *output) {
  if (depth < 1) return;
  for (int64_t row = 0; row < rows; ++row, input += depth, output += depth) {
    const float largest = *std::max_element(input, input + depth);
    const float log = std::log(exponentials(input, depth, largest, 1, output));
    for (int32_t i = 0; i < depth; ++i) output[i] = input[i] - largest - log;
  }
}

void ck_quotient_logistic_f32(const float *input, int64_t count, float *output) {
  vectorized(CKERNELS_LOOP {
    for (int64_t i = 0; i < count; ++i) output[i] = quotient_logistic(input[i]);
  });
}

void ck_quotient_tanh_f32(const float *input, int64_t count, float *output) {
  vectorized(CKERNELS_LOOP {
    for (int64_t i = 0; i < count; ++i) output[i] = quotient_tanh(input[i]);
  });
}

void ck_rounded_logistic_f32(const float *input, int64_t count, float *output) {
  vectorized(CKERNELS_LOOP {
    for (int64_t i = 0; i < count; ++i) output[i] = rounded_logistic(input[i]);
  });
}

void ck_rounded_tanh_f32(const float *input, int64_t count, float *output) {
  vectorized(CKERNELS_LOOP {
    for (int64_t i = 0; i < count; ++i) output[i] = rounded_tanh(input[i]);
  });
}

float ck_vector_sum_f32(const float *input, int64_t count, int64_t place) {
  constexpr int64_t width = 4, lanes = 2 * width;
  const int64_t first = std::min((width - place % width) % width, count);
  const int64_t end = first + (count - first) / width * width;
  const float *values = input + first;
  float sum = 0;
  if (end > first) {
    float sums[lanes] = {};
    const int64_t whole = (end - first) / lanes * lanes;
    for (int64_t i = 0; i < whole; i += lanes)
      for (int64_t lane = 0; lane < lanes; ++lane) sums[lane] += values[i + lane];
    // A last single vector comes when both are one.
    for (int64_t lane = 0; lane < width; ++lane) sums[lane] += sums[width + lane];
    for (int64_t i = whole; i < end - first; ++i) sums[i - whole] += values[i];
    sum = (sums[0] + sums[2]) + (sums[1] + sums[3]);
  }
  for (int64_t i = 0; i < first; ++i) sum += input[i];
  for (int64_t i = end; i < count; ++i) sum += input[i];
  return sum;
}
