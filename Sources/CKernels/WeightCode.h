#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "dovetail_weights.h"

namespace ckernels {

constexpr int32_t longest_code = 12;
constexpr int32_t value_symbols = 256, run_symbols = 7;
constexpr int32_t all_symbols = value_symbols + run_symbols;
constexpr int64_t longest_run = 255;

constexpr int32_t symbol_of(int8_t value) { return value + 128; }
constexpr int8_t value_of(int32_t symbol) { return static_cast<int8_t>(symbol - 128); }

/// The value of a rank: centre, centre − 1, centre + 1, centre − 2 and so on.
constexpr int8_t ranked_value(int8_t centre, int32_t rank) {
  const int32_t distance = (rank + 1) / 2;
  return static_cast<int8_t>(centre + (rank % 2 == 0 ? distance : -distance));
}

/// Bits of the code of each symbol, 0 for symbols that do not occur.
typedef std::array<uint8_t, all_symbols> CodeLengths;

typedef std::array<int64_t, all_symbols> SymbolCounts;

enum class BookForm : uint8_t { raw = 0, ranked = 1, differences = 2, listed = 3 };

/// What a code book says.
struct CodeBook {
  BookForm form = BookForm::raw;
  int8_t centre = 0;
  CodeLengths lengths = {};

  bool has_runs() const;
};

/// Writes a book, at most `ck_weight_code_limit` bytes, and returns its size.
int64_t write_book(const CodeBook &book, uint8_t *bytes);

/// Whether the listed lengths of a book take fewer bits as differences.
bool is_shorter_by_differences(const CodeBook &book);

/// Whether the bytes are a book, which is then in `book`.
bool parse_book(const uint8_t *bytes, int64_t size, CodeBook &book);

/// The book that makes the streams shortest among those that are tried.
CodeBook plan_book(const ck_weight_stream *streams, int64_t count);

/// Lengths of the codes that make symbols of these counts shortest, 0 where the count is. Of equal
/// counts, the first has the shortest code.
CodeLengths shortest_lengths(const SymbolCounts &counts);

/// How many weights from the first on have its value, up to the longest run.
inline int64_t run_length(const int8_t *weights, const int8_t *end) {
  const int8_t *const limit = weights + std::min<int64_t>(end - weights, longest_run);
  const int8_t value = *weights;
  return std::find_if(weights + 1, limit, [=](int8_t w) { return w != value; }) - weights;
}

/// The run symbol of 2 ... `longest_run` values, which has as many bits behind its code as it comes
/// after the values.
inline int32_t run_symbol(int64_t run) {
  return value_symbols - 1 + (31 - __builtin_clz(static_cast<uint32_t>(run)));
}

/// Bits that follow the code of a symbol.
constexpr int32_t extra_bits(int32_t symbol) {
  return symbol < value_symbols ? 0 : symbol - value_symbols + 1;
}

/// What the next bits of a stream stand for: `run` + a number of `extra_bits` times the value.
struct DecodedSymbol {
  int8_t value;
  /// 0 where no code begins with these bits.
  uint8_t code_bits;
  uint8_t run, extra_bits;
};

struct SymbolCode {
  uint16_t code;
  /// 0 where the symbol has none.
  uint16_t bits;
};

}  // namespace ckernels

struct ck_weight_code {
  ckernels::CodeBook book;
  bool has_runs = false;
  std::array<ckernels::SymbolCode, ckernels::all_symbols> symbols = {};
  /// By the next `longest_code` bits.
  std::array<ckernels::DecodedSymbol, 1 << ckernels::longest_code> decoded = {};

  explicit ck_weight_code(const ckernels::CodeBook &book);
};
