#ifndef CKERNELS_STEPS_H
#define CKERNELS_STEPS_H

#include <stdint.h>

#include "CKernelsTiles.h"
#include "CKernelsTypes.h"

#ifdef __cplusplus
extern "C" {
#endif

// What a simulator's commands do to memory, with all addresses found: thousands of them take
// nanoseconds each, so they are run here as a list.

/// Constants in a memory, and the form in which inner loops read them.
///
/// The memory may come to hold others. The form counts for as long as it holds those that the form
/// was made of.
typedef struct {
  /// `ck_packed_weights` or `ck_requantization`; NULL if none was made yet.
  const void *form;
  /// The constants, and a copy of those that the form was made of.
  const uint8_t *bytes, *source;
  /// Of both; 0 for constants that nothing can change.
  int64_t byte_count;
} ck_constant;

/// Whether the form is made of what the memory holds now.
int32_t ck_constant_is_current(const ck_constant *constant);

/// Copies consecutive bytes. The two may overlap.
typedef struct {
  const uint8_t *from;
  uint8_t *to;
  int64_t byte_count;
} ck_copy_step;

/// Fills a block with a box and its padding.
typedef struct {
  ck_box_copy box;
  uint8_t *block;
  /// 0 if the box is all of the block.
  int64_t padded_byte_count;
  uint8_t padding;
} ck_load_step;

/// `ck_accumulate_tile`, with `ck_packed_weights`.
typedef struct {
  ck_convolution_tile tile;
  const ck_constant *weights;
} ck_convolve_step;

/// `ck_requantize_i32_to_i8`, with a `ck_requantization`.
typedef struct {
  const int32_t *accumulators;
  int32_t height, width, channels;
  const ck_constant *parameters;
  int8_t *output;
  int64_t output_row_stride, output_pixel_stride;
} ck_rescale_step;

typedef enum {
  /// The caller's own.
  ck_step_other = 0,
  ck_step_copy,
  ck_step_load,
  ck_step_convolve,
  ck_step_rescale
} ck_step_kind;

typedef struct {
  ck_step_kind kind;
  /// The one of this kind.
  union {
    ck_copy_step copy;
    ck_load_step load;
    ck_convolve_step convolve;
    ck_rescale_step rescale;
  } operands;
} ck_step;

/// Runs steps one after the other, and returns how many: all, or those before the first that needs
/// the caller, being the caller's own, or with a constant that is not current.
int64_t ck_run_steps(const ck_step *steps, int64_t count, ck_scratch *scratch);

#ifdef __cplusplus
}
#endif

#endif
