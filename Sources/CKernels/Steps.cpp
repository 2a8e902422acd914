#include <cstring>

#include "CKernels.h"

int32_t ck_constant_is_current(const ck_constant *constant) {
  if (constant->form == nullptr) return 0;
  if (constant->byte_count == 0) return 1;
  const size_t byte_count = static_cast<size_t>(constant->byte_count);
  return std::memcmp(constant->source, constant->bytes, byte_count) == 0;
}

static void load(const ck_load_step &step) {
  if (step.padded_byte_count > 0)
    std::memset(step.block, step.padding, static_cast<size_t>(step.padded_byte_count));
  ck_copy_box(&step.box);
}

static bool convolve(const ck_convolve_step &step, ck_scratch *scratch) {
  if (!ck_constant_is_current(step.weights)) return false;
  const auto *weights = static_cast<const ck_packed_weights *>(step.weights->form);
  ck_accumulate_tile(&step.tile, weights, scratch);
  return true;
}

static bool rescale(const ck_rescale_step &step) {
  if (!ck_constant_is_current(step.parameters)) return false;
  const auto *parameters = static_cast<const ck_requantization *>(step.parameters->form);
  ck_requantize_i32_to_i8(step.accumulators, step.height, step.width, step.channels, parameters,
                          step.output, step.output_row_stride, step.output_pixel_stride);
  return true;
}

/// False if the step needs the caller.
static bool run(const ck_step &step, ck_scratch *scratch) {
  switch (step.kind) {
    case ck_step_other: return false;
    case ck_step_copy: {
      const ck_copy_step &copy = step.operands.copy;
      std::memmove(copy.to, copy.from, static_cast<size_t>(copy.byte_count));
      return true;
    }
    case ck_step_load: load(step.operands.load); return true;
    case ck_step_convolve: return convolve(step.operands.convolve, scratch);
    case ck_step_rescale: return rescale(step.operands.rescale);
  }
}

int64_t ck_run_steps(const ck_step *steps, int64_t count, ck_scratch *scratch) {
  int64_t done = 0;
  while (done < count && run(steps[done], scratch)) ++done;
  return done;
}
