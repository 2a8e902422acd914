#include "InstructionSet.h"

#include <cstdlib>
#include <cstring>

#if defined(__aarch64__) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace ckernels {

struct Candidate {
  const InstructionSet *set;
  bool is_available;
};

#if defined(__x86_64__)

static bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

static bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512vnni");
}

#elif defined(__aarch64__)

static bool has_dot_product() {
#if defined(__ARM_FEATURE_DOTPROD)
  return true;
#elif defined(__linux__)
  return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
#else
  return false;
#endif
}

#endif

/// The last of the available candidates, which stand in ascending order and end with the one that
/// `DOVETAIL_ISA` names.
template <size_t count>
static const InstructionSet &best_of(const Candidate (&candidates)[count]) {
  const char *limit = std::getenv("DOVETAIL_ISA");
  const InstructionSet *best = &scalar_instruction_set;
  for (const Candidate &candidate : candidates) {
    if (candidate.is_available) best = candidate.set;
    if (limit != nullptr && std::strcmp(limit, candidate.set->name) == 0) break;
  }
  return *best;
}

const InstructionSet &best_instruction_set() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return best_of({{&scalar_instruction_set, true},
                  {&avx2_instruction_set, has_avx2()},
                  {&avx512_instruction_set, has_avx512()}});
#elif defined(__aarch64__)
  return best_of({{&scalar_instruction_set, true},
                  {&neon_instruction_set, true},
                  {&neon_dot_instruction_set, has_dot_product()}});
#else
  return scalar_instruction_set;
#endif
}

}  // namespace ckernels
