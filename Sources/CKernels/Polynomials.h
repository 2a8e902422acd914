#pragma once

#include <cstdint>
#include <cstring>

// Every fused product is written as one.
#pragma STDC FP_CONTRACT OFF

/// Functions of real numbers as ONNX Runtime's vector code approximates them.
namespace ckernels {

#define CKERNELS_POLYNOMIAL static inline __attribute__((always_inline))

/// Horner's rule, the coefficient of the highest power first; with fused products, or rounded ones.
template <bool is_fused = true, int count>
CKERNELS_POLYNOMIAL float polynomial(float x, const float (&coefficients)[count]) {
  float sum = coefficients[0];
#pragma clang loop unroll(full)
  for (int i = 1; i < count; ++i)
    sum = is_fused ? __builtin_fmaf(sum, x, coefficients[i]) : sum * x + coefficients[i];
  return sum;
}

/// `exp(x)` for x up to 88; 0 below −88.4.
CKERNELS_POLYNOMIAL float polynomial_exp(float x) {
  // exp(r) for |r| ≤ log(2) / 2.
  constexpr float coefficients[] = {0x1.694000p-10f, 0x1.125edcp-7f, 0x1.555b5ap-5f, 0x1.555450p-3f,
                                    0x1.fffff6p-2f,  1.0f,           1.0f};
  constexpr float lowest = -88.3762626647949f;
  // What brings whole numbers to the lowest bits of a float.
  constexpr float rounding = 0x1.8p23f;
  const float argument = x < lowest ? lowest : x;
  const float shifted = __builtin_fmaf(argument, 1.44269504088896341f, rounding);
  const float power = shifted - rounding;
  float rest = __builtin_fmaf(power, -6.93145752e-1f, argument);
  rest = __builtin_fmaf(power, -1.42860677e-6f, rest);
  uint32_t bits;
  std::memcpy(&bits, &shifted, sizeof bits);
  bits = (bits << 23) + (uint32_t{127} << 23);
  float scale;
  std::memcpy(&scale, &bits, sizeof scale);
  return polynomial(rest, coefficients) * scale;
}

CKERNELS_POLYNOMIAL float limited_to(float x, float limit) {
  const float raised = x < -limit ? -limit : x;
  return raised > limit ? limit : raised;
}

CKERNELS_POLYNOMIAL float quotient_logistic(float x) {
  constexpr float above[] = {4.37031012579801e-11f, 1.15627324459942e-07f, 6.08574864600143e-05f,
                             8.51377133304701e-03f, 2.48287947061529e-01f};
  constexpr float below[] = {6.10247389755681e-13f, 5.76102136993427e-09f, 6.29106785017040e-06f,
                             1.70198817374094e-03f, 1.16817656904453e-01f, 9.93151921023180e-01f};
  const float argument = limited_to(x, 18);
  const float square = argument * argument;
  const float y = polynomial(square, above) * argument / polynomial(square, below) + 0.5f;
  const float raised = y < 0 ? 0 : y;
  return raised > 1 ? 1 : raised;
}

template <bool is_fused = true>
CKERNELS_POLYNOMIAL float quotient_tanh(float x, float limit = 9) {
  constexpr float above[] = {-2.76076847742355e-16f, 2.00018790482477e-13f,
                             -8.60467152213735e-11f, 5.12229709037114e-08f,
                             1.48572235717979e-05f,  6.37261928875436e-04f,
                             4.89352455891786e-03f};
  constexpr float below[] = {1.19825839466702e-06f, 1.18534705686654e-04f, 2.26843463243900e-03f,
                             4.89352518554385e-03f};
  const float argument = limited_to(x, limit);
  const float square = argument * argument;
  return polynomial<is_fused>(square, above) * argument / polynomial<is_fused>(square, below);
}

/// As the code of gated recurrent units has it, without fused products.
CKERNELS_POLYNOMIAL float rounded_tanh(float x) { return quotient_tanh<false>(x, 10); }

/// `(1 + tanh(x / 2)) / 2`, as the code of gated recurrent units has it.
CKERNELS_POLYNOMIAL float rounded_logistic(float x) {
  return 0.5f * (1 + rounded_tanh(0.5f * x));
}

}  // namespace ckernels
