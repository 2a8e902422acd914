#pragma once

#include "InstructionSet.h"

/// An always-inline lambda: `CKERNELS_LOOP { … }` captures all by value, takes nothing.
#define CKERNELS_LOOP [=]() __attribute__((always_inline))

namespace ckernels {

#if defined(__x86_64__)
// The local copies tell the compiler that nothing the loop writes changes what it captured: 8-bit
// stores may otherwise go anywhere.
template <typename Loop>
__attribute__((target("avx2,fma"))) void run_for_avx2(const Loop &loop) {
  const Loop copy = loop;
  copy();
}

template <typename Loop>
__attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl"))) void run_for_avx512(
    const Loop &loop) {
  const Loop copy = loop;
  copy();
}
#endif

/// Runs a `CKERNELS_LOOP` as the compiler vectorises it for the chosen instruction set: for loops
/// that need no hand-written vector code.
///
/// Float code inside must forbid the compiler to fuse products into sums, which only some
/// instruction sets can.
template <typename Loop>
void vectorized(const Loop &loop) {
#if defined(__x86_64__)
  if (&instruction_set() == &avx512_instruction_set) return run_for_avx512(loop);
  if (&instruction_set() == &avx2_instruction_set) return run_for_avx2(loop);
#endif
  loop();
}

}  // namespace ckernels
