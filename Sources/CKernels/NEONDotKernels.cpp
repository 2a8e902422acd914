#if defined(__aarch64__)

#include "NEONKernels.h"

#define CKERNELS_NEON __attribute__((target("dotprod")))
#include "NEONDense.h"

/// NEON with the dot product of groups of four bytes, an extension of newer processors.
namespace ckernels {
namespace neon {

struct Quads8 {
  using Sum = int32_t;
  using Vector = int32x4_t;
  using Weights = int8x16x4_t;

  CKERNELS_NEON static inline Weights load(const uint8_t *weights) {
    return vld1q_s8_x4(reinterpret_cast<const int8_t *>(weights));
  }

  CKERNELS_NEON static inline void multiply_add(Vector (&sums)[panel_vectors],
                                                const uint8_t *activations,
                                                const Weights &weights) {
    int32_t bytes;
    __builtin_memcpy(&bytes, activations, sizeof bytes);
    const int8x16_t group = vreinterpretq_s8_s32(vdupq_n_s32(bytes));
#pragma clang loop unroll(full)
    for (int vector = 0; vector < panel_vectors; ++vector)
      sums[vector] = vdotq_s32(sums[vector], weights.val[vector], group);
  }
};

}  // namespace neon

const InstructionSet neon_dot_instruction_set = {
    "neon-dot",
    Layout::quads8,
    0,
    {6, 6, 6, 6},
    neon::dense_pairs16,
    neon::dense<neon::Quads8>,
    {neon::dense_rounded_float32, neon::dense_fused_float32},
    neon::depthwise_pairs16,
    {neon::depthwise_rounded_float32, neon::depthwise_fused_float32},
    neon::requantize_fixed_point,
    neon::requantize_half_away,
    neon::requantize_half_even,
    neon::finish_float32,
    neon::add,
    neon::widen,
    neon::flip,
    neon::accumulate,
    neon::maximize,
};

}  // namespace ckernels

#endif
