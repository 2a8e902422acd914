#pragma once

#include "InstructionSet.h"

/// The inner loops for AArch64, as far as the tables of several instruction sets name them.
namespace ckernels {
namespace neon {

void dense_pairs16(const DenseTile &tile, int32_t *accumulators);
void dense_rounded_float32(const DenseTile &tile, float *accumulators);
void dense_fused_float32(const DenseTile &tile, float *accumulators);
void depthwise_pairs16(const DepthwiseStrip &strip, int32_t *accumulators);
void depthwise_rounded_float32(const DepthwiseStrip &strip, float *accumulators);
void depthwise_fused_float32(const DepthwiseStrip &strip, float *accumulators);

void requantize_fixed_point(const RequantizationTile &tile);
void requantize_half_away(const RequantizationTile &tile);
void requantize_half_even(const RequantizationTile &tile);
void finish_float32(const FloatOutputTile &tile);
void add(const int8_t *a, const int8_t *b, int64_t count, const ck_addition &addition,
         int8_t *output);

void widen(const int8_t *input, int64_t count, uint8_t flipped_bits, int32_t zero_point,
           int16_t *output);
void flip(const int8_t *input, int64_t count, uint8_t flipped_bits, uint8_t *output);
void accumulate(const int8_t *input, int64_t count, int32_t *sums);
void maximize(const int8_t *input, int64_t count, int8_t *largest);

}  // namespace neon
}  // namespace ckernels
