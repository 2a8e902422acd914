#include <algorithm>

#include "WeightBits.h"
#include "WeightCode.h"

using namespace ckernels;

static constexpr int32_t runs_flag = 4, first_difference_from = 8;

bool CodeBook::has_runs() const {
  return std::any_of(lengths.begin() + value_symbols, lengths.end(),
                     [](uint8_t bits) { return bits != 0; });
}

// MARK: Writing

static void write_ranked(const CodeBook &book, BitWriter &writer) {
  std::array<uint32_t, longest_code + 1> values = {};
  for (int32_t symbol = 0; symbol < value_symbols; ++symbol) ++values[book.lengths[symbol]];
  int32_t least = 1, greatest = longest_code;
  while (values[least] == 0) ++least;
  while (values[greatest] == 0) --greatest;
  writer.put(static_cast<uint32_t>(least), 4);
  writer.put(static_cast<uint32_t>(greatest), 4);
  for (int32_t bits = least; bits <= greatest; ++bits) writer.put(values[bits], 8);
}

/// The symbols of the first and of the last value that occur.
struct ValueRange {
  int32_t first = 0, last = value_symbols - 1;

  explicit ValueRange(const CodeLengths &lengths) {
    while (lengths[first] == 0) ++first;
    while (lengths[last] == 0) --last;
  }
};

/// A difference of lengths as it is written.
struct Difference {
  uint32_t word;
  int32_t bits;

  Difference(uint8_t before, uint8_t length)
      : word(length == before       ? 0b0u
             : length == before + 1 ? 0b10u
             : length + 1 == before ? 0b110u
                                    : 0b111u << 4 | length),
        bits(length == before ? 1 : length == before + 1 ? 2 : length + 1 == before ? 3 : 7) {}
};

bool ckernels::is_shorter_by_differences(const CodeBook &book) {
  const ValueRange range(book.lengths);
  int32_t bits = 0;
  uint8_t before = first_difference_from;
  for (int32_t symbol = range.first; symbol <= range.last; ++symbol) {
    bits += Difference(before, book.lengths[symbol]).bits;
    before = book.lengths[symbol];
  }
  return bits < 4 * (range.last - range.first + 1);
}

static void write_listed(const CodeBook &book, BitWriter &writer) {
  const ValueRange range(book.lengths);
  writer.put(static_cast<uint8_t>(value_of(range.first)), 8);
  writer.put(static_cast<uint8_t>(value_of(range.last)), 8);
  uint8_t before = first_difference_from;
  for (int32_t symbol = range.first; symbol <= range.last; ++symbol) {
    const uint8_t length = book.lengths[symbol];
    const Difference difference(before, length);
    if (book.form == BookForm::listed) writer.put(length, 4);
    else writer.put(difference.word, difference.bits);
    before = length;
  }
}

int64_t ckernels::write_book(const CodeBook &book, uint8_t *bytes) {
  BitWriter writer(bytes, ck_weight_code_limit);
  const bool has_runs = book.has_runs();
  writer.put(static_cast<uint32_t>(book.form) + (has_runs ? runs_flag : 0), 8);
  if (book.form != BookForm::raw) {
    writer.put(static_cast<uint8_t>(book.centre), 8);
    for (int32_t symbol = value_symbols; has_runs && symbol < all_symbols; ++symbol)
      writer.put(book.lengths[symbol], 4);
    if (book.form == BookForm::ranked) write_ranked(book, writer);
    else write_listed(book, writer);
  }
  writer.finish();
  return writer.size();
}

// MARK: Parsing

static bool parse_ranked(BitReader &reader, CodeBook &book) {
  const uint32_t least = reader.take(4), greatest = reader.take(4);
  if (least < 1 || least > greatest || greatest > longest_code) return false;
  uint32_t rank = 0;
  for (uint32_t bits = least; bits <= greatest; ++bits) {
    const uint32_t values = reader.take(8);
    const bool may_be_empty = bits != least && bits != greatest;
    if ((values == 0 && !may_be_empty) || rank + values > value_symbols) return false;
    for (const uint32_t end = rank + values; rank < end; ++rank)
      book.lengths[symbol_of(ranked_value(book.centre, static_cast<int32_t>(rank)))] =
          static_cast<uint8_t>(bits);
  }
  return true;
}

static uint8_t parse_difference(uint8_t before, BitReader &reader) {
  if (reader.take(1) == 0) return before;
  if (reader.take(1) == 0) return static_cast<uint8_t>(before + 1);
  if (reader.take(1) == 0) return static_cast<uint8_t>(before - 1);
  return static_cast<uint8_t>(reader.take(4));
}

static bool parse_listed(BitReader &reader, CodeBook &book) {
  const int32_t first = symbol_of(static_cast<int8_t>(reader.take(8)));
  const int32_t last = symbol_of(static_cast<int8_t>(reader.take(8)));
  if (first > last) return false;
  uint8_t length = first_difference_from;
  for (int32_t symbol = first; symbol <= last; ++symbol) {
    length = book.form == BookForm::listed ? static_cast<uint8_t>(reader.take(4))
                                           : parse_difference(length, reader);
    if (length > longest_code) return false;
    book.lengths[symbol] = length;
  }
  return book.lengths[first] != 0 && book.lengths[last] != 0;
}

/// Whether the lengths use up all codes, or there is but one symbol.
static bool is_complete(const CodeLengths &lengths) {
  int32_t used = 0, occurring = 0;
  for (const uint8_t bits : lengths) {
    if (bits == 0) continue;
    used += 1 << (longest_code - bits);
    ++occurring;
  }
  const int32_t all = 1 << longest_code;
  return used == all || (occurring == 1 && used == all / 2);
}

static bool parse_lengths(BitReader &reader, bool has_runs, CodeBook &book) {
  book.centre = static_cast<int8_t>(reader.take(8));
  for (int32_t symbol = value_symbols; has_runs && symbol < all_symbols; ++symbol) {
    book.lengths[symbol] = static_cast<uint8_t>(reader.take(4));
    if (book.lengths[symbol] > longest_code) return false;
  }
  if (book.has_runs() != has_runs) return false;
  if (book.form == BookForm::ranked) return parse_ranked(reader, book);
  return (has_runs || book.centre == 0) && parse_listed(reader, book);
}

bool ckernels::parse_book(const uint8_t *bytes, int64_t size, CodeBook &book) {
  if (size < 1 || size > ck_weight_code_limit) return false;
  BitReader reader(bytes, size);
  const uint32_t form = reader.take(8);
  if (form == 0) return size == 1;
  if (form >= 2 * runs_flag || form == runs_flag) return false;
  book.form = static_cast<BookForm>(form % runs_flag);
  return parse_lengths(reader, form > runs_flag, book) && is_complete(book.lengths) &&
         reader.bytes_read() == size && reader.is_padded_with_zeros();
}
