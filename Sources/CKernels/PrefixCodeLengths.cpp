#include <algorithm>

#include "WeightCode.h"

using namespace ckernels;

namespace {

/// Package-merge (Larmore and Hirschberg, "A fast algorithm for optimal length-limited Huffman
/// codes", 1990): of each length a list of symbols and pairs of the list below, least counts first.
/// Symbols that are among the first of the last list, themselves or in pairs, grow by one bit each
/// time.
class PackageMerge {
 public:
  /// The counts grow from one to the next; there are two at least, and behind the last `INT64_MAX`.
  PackageMerge(const int64_t *counts, int32_t symbols) : counts_(counts), symbols_(symbols) {
    std::copy(counts, counts + symbols, sums_.begin());
    size_ = symbols;
    std::fill_n(is_symbol_[0].begin(), symbols, true);
    for (int32_t level = 1; level < longest_code; ++level) merge_pairs(level);
  }

  /// Adds its bits to the length of each symbol.
  void add_lengths(uint8_t *lengths) const {
    int32_t taken = 2 * symbols_ - 2;
    for (int32_t level = longest_code - 1; level >= 0; --level) {
      const auto first = is_symbol_[level].begin();
      const auto own = static_cast<int32_t>(std::count(first, first + taken, true));
      for (int32_t i = 0; i < own; ++i) ++lengths[i];
      taken = 2 * (taken - own);
    }
  }

 private:
  const int64_t *counts_;
  int32_t symbols_, size_;
  /// Of the list that was made last, and of the pairs below it.
  std::array<int64_t, 2 * all_symbols> sums_;
  std::array<int64_t, all_symbols + 1> pairs_;
  std::array<std::array<bool, 2 * all_symbols>, longest_code> is_symbol_;

  void merge_pairs(int32_t level) {
    const int32_t pairs = size_ / 2;
    for (int32_t pair = 0; pair < pairs; ++pair)
      pairs_[pair] = sums_[2 * pair] + sums_[2 * pair + 1];
    pairs_[pairs] = INT64_MAX;
    size_ = symbols_ + pairs;
    // Without branches, which nobody could predict.
    for (int32_t i = 0, symbol = 0, pair = 0; i < size_; ++i) {
      const bool takes_symbol = counts_[symbol] <= pairs_[pair];
      sums_[i] = takes_symbol ? counts_[symbol] : pairs_[pair];
      is_symbol_[level][i] = takes_symbol;
      symbol += takes_symbol;
      pair += !takes_symbol;
    }
  }
};

}  // namespace

/// The symbols that occur, the rarest first and of those the last; returns their number.
static int32_t sort_symbols(const SymbolCounts &counts, std::array<int32_t, all_symbols> &symbols) {
  constexpr int64_t factor = 1 << 9;
  std::array<int64_t, all_symbols> keys;
  int32_t size = 0;
  for (int32_t symbol = 0; symbol < all_symbols; ++symbol)
    if (counts[symbol] > 0) keys[size++] = counts[symbol] * factor + (factor - 1 - symbol);
  std::sort(keys.begin(), keys.begin() + size);
  for (int32_t i = 0; i < size; ++i)
    symbols[i] = static_cast<int32_t>(factor - 1 - keys[i] % factor);
  return size;
}

CodeLengths ckernels::shortest_lengths(const SymbolCounts &counts) {
  std::array<int32_t, all_symbols> symbols;
  const int32_t size = sort_symbols(counts, symbols);
  std::array<int64_t, all_symbols + 1> sorted_counts;
  for (int32_t i = 0; i < size; ++i) sorted_counts[i] = counts[symbols[i]];
  sorted_counts[size] = INT64_MAX;
  CodeLengths sorted_lengths = {}, lengths = {};
  if (size == 1) sorted_lengths[0] = 1;
  if (size > 1) PackageMerge(sorted_counts.data(), size).add_lengths(sorted_lengths.data());
  for (int32_t i = 0; i < size; ++i) lengths[symbols[i]] = sorted_lengths[i];
  return lengths;
}
