#include "PortableLoops.h"

/// The fallback for every processor: the portable loops with whatever the compiler assumes by
/// default.
namespace ckernels {

static void dense_pairs16(const DenseTile &tile, int32_t *accumulators) {
  portable::dense(tile, accumulators);
}

template <ck_products products>
static void dense_float32(const DenseTile &tile, float *accumulators) {
  portable::dense<products>(tile, accumulators);
}

static void depthwise_pairs16(const DepthwiseStrip &strip, int32_t *accumulators) {
  portable::depthwise_pairs16(strip, accumulators);
}

template <ck_products products>
static void depthwise_float32(const DepthwiseStrip &strip, float *accumulators) {
  portable::depthwise_float32<products>(strip, accumulators);
}

static void requantize_fixed_point(const RequantizationTile &tile) {
  portable::requantize_fixed_point(tile, 0, tile.channels);
}

static void requantize_half_away(const RequantizationTile &tile) {
  portable::requantize_scaled<portable::rescale_half_away>(tile);
}

static void requantize_half_even(const RequantizationTile &tile) {
  portable::requantize_scaled<portable::rescale_half_even>(tile);
}

static void add(const int8_t *a, const int8_t *b, int64_t count, const ck_addition &addition,
                int8_t *output) {
  portable::add(a, b, 0, count, addition, output);
}

static void finish_float32(const FloatOutputTile &tile) { portable::finish_float32(tile); }

static void widen(const int8_t *input, int64_t count, uint8_t flipped_bits, int32_t zero_point,
                  int16_t *output) {
  portable::widen(input, count, flipped_bits, zero_point, output);
}

static void flip(const int8_t *input, int64_t count, uint8_t flipped_bits, uint8_t *output) {
  portable::flip(input, count, flipped_bits, output);
}

static void accumulate(const int8_t *input, int64_t count, int32_t *sums) {
  portable::accumulate(input, count, sums);
}

static void maximize(const int8_t *input, int64_t count, int8_t *largest) {
  portable::maximize(input, count, largest);
}

const InstructionSet scalar_instruction_set = {
    "scalar",
    Layout::pairs16,
    0,
    {6, 6, 6, 6},
    dense_pairs16,
    nullptr,
    {dense_float32<ck_products_rounded>, dense_float32<ck_products_fused>},
    depthwise_pairs16,
    {depthwise_float32<ck_products_rounded>, depthwise_float32<ck_products_fused>},
    requantize_fixed_point,
    requantize_half_away,
    requantize_half_even,
    finish_float32,
    add,
    widen,
    flip,
    accumulate,
    maximize,
};

}  // namespace ckernels
