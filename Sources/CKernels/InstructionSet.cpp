#include "InstructionSet.h"

#include <cstdlib>
#include <cstring>

namespace ckernels {

#if defined(__x86_64__)
/// 0 for "scalar", 1 for "avx2", else no limit.
static int highest_allowed_level() {
  const char *name = std::getenv("DOVETAIL_ISA");
  if (name == nullptr) return 2;
  if (std::strcmp(name, "scalar") == 0) return 0;
  return std::strcmp(name, "avx2") == 0 ? 1 : 2;
}
#endif

static const InstructionSet &best_instruction_set() {
#if defined(__x86_64__)
  const int allowed = highest_allowed_level();
  __builtin_cpu_init();
  const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool has_avx512 =
      has_avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512vnni");
  if (has_avx512 && allowed >= 2) return avx512_instruction_set;
  if (has_avx2 && allowed >= 1) return avx2_instruction_set;
#endif
  return scalar_instruction_set;
}

const InstructionSet &instruction_set() {
  static const InstructionSet &chosen = best_instruction_set();
  return chosen;
}

}  // namespace ckernels

const char *ck_instruction_set(void) { return ckernels::instruction_set().name; }
