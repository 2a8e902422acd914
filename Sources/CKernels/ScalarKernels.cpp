#include "PortableLoops.h"

/// The fallback for every processor: the portable loops with whatever the compiler assumes by default.
namespace ckernels {

static void dense_pairs16(const DenseTile &tile, int32_t *accumulators) { portable::dense(tile, accumulators); }

static void dense_float32(const DenseTile &tile, float *accumulators) { portable::dense(tile, accumulators); }

static void depthwise_pairs16(const DepthwiseTile &tile, int32_t *accumulators) {
  portable::depthwise_pairs16(tile, accumulators);
}

static void depthwise_float32(const DepthwiseTile &tile, float *accumulators) {
  portable::depthwise_float32(tile, accumulators);
}

static void requantize_tile(const RequantizationTile &tile) { portable::requantize(tile, 0); }

static void add(const int8_t *a, const int8_t *b, int64_t count, const ck_addition &addition, int8_t *output) {
  portable::add(a, b, 0, count, addition, output);
}

static void widen(const int8_t *input, int64_t count, int32_t zero_point, int16_t *output) {
  portable::widen(input, count, zero_point, output);
}

static void make_unsigned(const int8_t *input, int64_t count, uint8_t *output) {
  portable::make_unsigned(input, count, output);
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
    dense_pairs16,
    nullptr,
    dense_float32,
    depthwise_pairs16,
    depthwise_float32,
    requantize_tile,
    add,
    widen,
    make_unsigned,
    accumulate,
    maximize,
};

}  // namespace ckernels
