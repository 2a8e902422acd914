#include "WeightCode.h"

#include <algorithm>
#include <cstdlib>
#include <new>

using namespace ckernels;

/// Lets all the words that begin with a code stand for its symbol.
static void fill_decoded(ck_weight_code &code, int32_t symbol, DecodedSymbol decoded) {
  const SymbolCode &own = code.symbols[symbol];
  const int32_t free_bits = longest_code - own.bits;
  decoded.code_bits = static_cast<uint8_t>(own.bits);
  const auto first = code.decoded.begin() + (own.code << free_bits);
  std::fill(first, first + (1 << free_bits), decoded);
}

/// The symbol as it is decoded, but for its code.
static DecodedSymbol meaning(const CodeBook &book, int32_t symbol) {
  if (symbol < value_symbols) return {value_of(symbol), 0, 1, 0};
  const int32_t bits = extra_bits(symbol);
  return {book.centre, 0, static_cast<uint8_t>(1 << bits), static_cast<uint8_t>(bits)};
}

ck_weight_code::ck_weight_code(const CodeBook &book) : book(book), has_runs(book.has_runs()) {
  uint32_t next = 0;
  for (int32_t bits = 1; bits <= longest_code; ++bits, next <<= 1) {
    for (int32_t symbol = 0; symbol < all_symbols; ++symbol) {
      if (book.lengths[symbol] != bits) continue;
      symbols[symbol] = {static_cast<uint16_t>(next++), static_cast<uint16_t>(bits)};
      fill_decoded(*this, symbol, meaning(book, symbol));
    }
  }
}

static ck_weight_code *make_code(const CodeBook &book) {
  auto *code = new (std::nothrow) ck_weight_code(book);
  if (code == nullptr) std::abort();
  return code;
}

ck_weight_code *ck_plan_weight_code(const ck_weight_stream *streams, int64_t count) {
  return make_code(plan_book(streams, count));
}

ck_weight_code *ck_parse_weight_code(const uint8_t *book, int64_t size) {
  CodeBook parsed;
  return parse_book(book, size, parsed) ? make_code(parsed) : nullptr;
}

int64_t ck_write_weight_code(const ck_weight_code *code, uint8_t *book) {
  return write_book(code->book, book);
}

void ck_free_weight_code(ck_weight_code *code) { delete code; }
