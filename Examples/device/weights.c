#include "weights.h"

#include <string.h>

/// 256 weights, then runs of 2 ... 255 centres.
enum { symbol_count = 263, first_run = 256, longest_code = 12 };

/// Bits from the highest of the first byte on; behind the last byte, `is_over` is set.
typedef struct {
  const uint8_t *bytes;
  int64_t bit_count, next;
  int is_over;
} bit_reader;

static uint32_t take(bit_reader *bits, int count) {
  uint32_t number = 0;
  while (count-- > 0) {
    if (bits->next >= bits->bit_count) {
      bits->is_over = 1;
      return 0;
    }
    number = number << 1 | (bits->bytes[bits->next / 8] >> (7 - bits->next % 8) & 1);
    bits->next++;
  }
  return number;
}

typedef struct {
  int is_raw;
  int8_t centre;
  uint8_t lengths[symbol_count];
  /// Of each length how many symbols have a code of it, and all symbols in the order of their
  /// codes.
  int counts[longest_code + 1];
  int symbols[symbol_count];
} code;

static int symbol_of(int32_t value) { return (int8_t)(uint8_t)value + 128; }

/// Lengths that grow with the distance from the centre.
static void read_ranked(code *code, bit_reader *bits) {
  int shortest = (int)take(bits, 4), longest = (int)take(bits, 4), rank = 0;
  for (int length = shortest; length <= longest && !bits->is_over; length++) {
    for (uint32_t left = take(bits, 8); left > 0 && rank < 256; left--, rank++) {
      int32_t distance = (rank + 1) / 2;
      code->lengths[symbol_of(code->centre + (rank % 2 ? -distance : distance))] = (uint8_t)length;
    }
  }
}

/// A length that is told by its difference from the one before.
static int read_difference(bit_reader *bits, int before) {
  if (take(bits, 1) == 0) return before;
  if (take(bits, 1) == 0) return before + 1;
  if (take(bits, 1) == 0) return before - 1;
  return (int)take(bits, 4);
}

static int read_listed(code *code, bit_reader *bits, int as_differences) {
  int first = symbol_of((int32_t)take(bits, 8)), last = symbol_of((int32_t)take(bits, 8));
  int length = 8;
  for (int symbol = first; symbol <= last; symbol++) {
    length = as_differences ? read_difference(bits, length) : (int)take(bits, 4);
    if (length < 0 || length > longest_code) return 0;
    code->lengths[symbol] = (uint8_t)length;
  }
  return first <= last;
}

/// Orders symbols by the lengths of their codes, then by their numbers.
static int order(code *code) {
  int position = 0;
  for (int length = 1; length <= longest_code; length++) {
    for (int symbol = 0; symbol < symbol_count; symbol++) {
      if (code->lengths[symbol] != length) continue;
      code->symbols[position++] = symbol;
      code->counts[length]++;
    }
  }
  return position > 0;
}

static int read_code(code *code, const uint8_t *book, int64_t size) {
  bit_reader bits = {book, 8 * size, 0, 0};
  memset(code, 0, sizeof *code);
  uint32_t form = take(&bits, 8);
  if (bits.is_over || form > 7 || form == 4) return 0;
  code->is_raw = form == 0;
  if (code->is_raw) return 1;
  code->centre = (int8_t)(uint8_t)take(&bits, 8);
  if (form & 4) {
    for (int run = first_run; run < symbol_count; run++) {
      code->lengths[run] = (uint8_t)take(&bits, 4);
      if (code->lengths[run] > longest_code) return 0;
    }
  }
  if ((form & 3) == 1) {
    read_ranked(code, &bits);
  } else if (!read_listed(code, &bits, (form & 3) == 2)) {
    return 0;
  }
  return !bits.is_over && order(code);
}

/// The next symbol; −1 if there is none with such a code.
static int take_symbol(const code *code, bit_reader *bits) {
  int number = 0, first = 0, position = 0;
  for (int length = 1; length <= longest_code; length++) {
    number |= (int)take(bits, 1);
    if (bits->is_over) return -1;
    if (number - first < code->counts[length]) return code->symbols[position + number - first];
    position += code->counts[length];
    first = (first + code->counts[length]) << 1;
    number <<= 1;
  }
  return -1;
}

int decode_weights(const uint8_t *book, int64_t book_size, const uint8_t *stream,
                   int64_t stream_size, int8_t *weights, int64_t count) {
  code code;
  if (!read_code(&code, book, book_size)) return 0;
  if (count == 0) return 1;
  bit_reader bits = {stream, 8 * stream_size, 0, 0};
  if (code.is_raw || take(&bits, 1) == 1) {
    int64_t start = code.is_raw ? 0 : 1;
    if (stream_size - start < count) return 0;
    memcpy(weights, stream + start, (size_t)count);
    return 1;
  }
  for (int64_t made = 0; made < count;) {
    int symbol = take_symbol(&code, &bits);
    if (symbol < 0) return 0;
    if (symbol < first_run) {
      weights[made++] = (int8_t)(symbol - 128);
      continue;
    }
    int extra = symbol - first_run + 1;
    int64_t run = ((int64_t)1 << extra) + (int64_t)take(&bits, extra);
    if (bits.is_over || run > count - made) return 0;
    memset(weights + made, (uint8_t)code.centre, (size_t)run);
    made += run;
  }
  return 1;
}
