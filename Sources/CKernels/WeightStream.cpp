#include <cstring>

#include "WeightBits.h"
#include "WeightCode.h"

using namespace ckernels;

/// What the first byte of a stream is whose weights follow as they are.
static constexpr uint8_t raw_mark = 0x80;

// MARK: Encoding

/// Appends a run of the centre, 1 ... `longest_run`; says whether it has a code.
static bool put_run(const ck_weight_code &code, int64_t run, BitWriter &writer) {
  if (run == 1) {
    const SymbolCode &symbol = code.symbols[symbol_of(code.book.centre)];
    writer.put(symbol.code, symbol.bits);
    return symbol.bits != 0;
  }
  const int32_t bits = extra_bits(run_symbol(run));
  const SymbolCode &symbol = code.symbols[run_symbol(run)];
  const uint32_t extra = static_cast<uint32_t>(run) - (1u << bits);
  writer.put(uint32_t{symbol.code} << bits | extra, symbol.bits + bits);
  return symbol.bits != 0;
}

/// Appends a weight; says whether it has a code.
static bool put_weight(const ck_weight_code &code, int8_t weight, BitWriter &writer) {
  const SymbolCode &symbol = code.symbols[symbol_of(weight)];
  writer.put(symbol.code, symbol.bits);
  return symbol.bits != 0;
}

/// Appends the weights, the centre in runs; says whether all have codes.
static bool put_runs(const ck_weight_code &code, const int8_t *weights, int64_t count,
                     BitWriter &writer) {
  const int8_t *const end = weights + count;
  bool has_codes = true;
  while (weights < end) {
    if (*weights == code.book.centre) {
      const int64_t run = run_length(weights, end);
      has_codes &= put_run(code, run, writer);
      weights += run;
    } else {
      has_codes &= put_weight(code, *weights++, writer);
    }
  }
  return has_codes;
}

/// Appends four weights at a time; says whether all have codes.
static bool put_weights(const ck_weight_code &code, const int8_t *weights, int64_t count,
                        BitWriter &writer) {
  const int8_t *const end = weights + count;
  for (; end - weights >= 4 && writer.has_wide_room(); weights += 4) {
    uint64_t bits = 0;
    int32_t size = 0;
    bool has_codes = true;
    for (int32_t k = 0; k < 4; ++k) {
      const SymbolCode &symbol = code.symbols[symbol_of(weights[k])];
      bits = bits << symbol.bits | symbol.code;
      size += symbol.bits;
      has_codes &= symbol.bits != 0;
    }
    if (!has_codes) return false;
    writer.put_wide(bits, size);
  }
  bool has_codes = true;
  while (weights < end) has_codes &= put_weight(code, *weights++, writer);
  return has_codes;
}

int64_t ck_encode_weights(const ck_weight_code *code, const int8_t *weights, int64_t count,
                          uint8_t *stream) {
  if (count < 1) return 0;
  const bool is_raw = code->book.form == BookForm::raw;
  if (!is_raw) {
    BitWriter writer(stream, count);
    writer.put(0, 1);
    const bool has_codes = code->has_runs ? put_runs(*code, weights, count, writer)
                                          : put_weights(*code, weights, count, writer);
    if (writer.finish() && has_codes) return writer.size();
    *stream++ = raw_mark;
  }
  std::memcpy(stream, weights, static_cast<size_t>(count));
  return is_raw ? count : count + 1;
}

// MARK: Decoding

namespace {

/// Where weights are written to.
struct Output {
  int8_t *next;
  int64_t room;

  /// Says whether there is room, without which nothing is written.
  bool append(int8_t value, int64_t run) {
    if (run > room) return false;
    std::memset(next, value, static_cast<size_t>(run));
    next += run;
    room -= run;
    return true;
  }
};

}  // namespace

static const DecodedSymbol &decoded_symbol(const ck_weight_code &code, uint64_t word) {
  return code.decoded[word >> (64 - longest_code)];
}

static int64_t run_of(const DecodedSymbol &symbol, uint64_t word) {
  // Two shifts, since there may be no extra bits.
  const uint64_t extra = word << symbol.code_bits >> 1 >> (63 - symbol.extra_bits);
  return symbol.run + static_cast<int64_t>(extra);
}

/// Decodes symbol by symbol to the end of the stream, and says what is wrong, or 0.
static int64_t decode_rest(const ck_weight_code &code, BitReader &reader, Output output) {
  while (output.room > 0) {
    const uint64_t word = reader.peek();
    const DecodedSymbol &symbol = decoded_symbol(code, word);
    if (symbol.code_bits == 0) return ck_weights_malformed;
    reader.skip(symbol.code_bits + symbol.extra_bits);
    if (reader.is_past_end()) return ck_weights_truncated;
    if (!output.append(symbol.value, run_of(symbol, word))) return ck_weights_malformed;
  }
  return 0;
}

// What follows does the most of the work fast, and leaves to `decode_rest` what is near an end or
// wrong. It works on copies, which weights that are written cannot overlap.

/// Decodes single weights while there are words to read, four to a word.
static void decode_values(const ck_weight_code &code, BitReader &from, Output &to) {
  constexpr int64_t at_once = 4;
  BitReader reader = from;
  Output output = to;
  while (output.room >= at_once && reader.has_word()) {
    uint64_t word = reader.peek_word();
    int64_t bits = 0;
    bool has_codes = true;
    for (int64_t i = 0; i < at_once; ++i) {
      const DecodedSymbol &symbol = decoded_symbol(code, word);
      has_codes &= symbol.code_bits != 0;
      bits += symbol.code_bits;
      word <<= symbol.code_bits;
      output.next[i] = symbol.value;
    }
    if (!has_codes) break;
    output.next += at_once;
    output.room -= at_once;
    reader.skip(bits);
  }
  from = reader;
  to = output;
}

/// Decodes weights and runs while there are words to read, three symbols to a word.
static void decode_runs(const ck_weight_code &code, BitReader &from, Output &to) {
  constexpr int64_t at_once = 3, short_run = 16;
  BitReader reader = from;
  Output output = to;
  bool is_sound = true;
  while (is_sound && output.room >= at_once * short_run && reader.has_word()) {
    uint64_t word = reader.peek_word();
    for (int64_t i = 0; i < at_once; ++i) {
      const DecodedSymbol symbol = decoded_symbol(code, word);
      const int64_t run = run_of(symbol, word), bits = symbol.code_bits + symbol.extra_bits;
      if (run > short_run || symbol.code_bits == 0) {
        is_sound = symbol.code_bits != 0 && output.append(symbol.value, run);
        if (is_sound) reader.skip(bits);
        break;
      }
      std::memset(output.next, symbol.value, short_run);
      output.next += run;
      output.room -= run;
      reader.skip(bits);
      word <<= bits;
    }
  }
  from = reader;
  to = output;
}

static int64_t decode_raw(const uint8_t *stream, int64_t size, int8_t *weights, int64_t count) {
  if (size < count) return ck_weights_truncated;
  std::memcpy(weights, stream, static_cast<size_t>(count));
  return count;
}

static int64_t decode_symbols(const ck_weight_code &code, const uint8_t *stream, int64_t size,
                              int8_t *weights, int64_t count) {
  BitReader reader(stream, size);
  reader.skip(1);
  Output output = {weights, count};
  if (code.has_runs) decode_runs(code, reader, output);
  else decode_values(code, reader, output);
  const int64_t error = decode_rest(code, reader, output);
  if (error != 0) return error;
  return reader.is_padded_with_zeros() ? reader.bytes_read() : ck_weights_malformed;
}

int64_t ck_decode_weights(const ck_weight_code *code, const uint8_t *stream, int64_t size,
                          int8_t *weights, int64_t count) {
  if (count < 1) return 0;
  if (size < 1) return ck_weights_truncated;
  if (code->book.form == BookForm::raw) return decode_raw(stream, size, weights, count);
  if (stream[0] < raw_mark) return decode_symbols(*code, stream, size, weights, count);
  if (stream[0] != raw_mark) return ck_weights_malformed;
  const int64_t bytes = decode_raw(stream + 1, size - 1, weights, count);
  return bytes < 0 ? bytes : bytes + 1;
}
