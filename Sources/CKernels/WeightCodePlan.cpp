#include <algorithm>
#include <functional>

#include "Multiversion.h"
#include "WeightCode.h"

using namespace ckernels;

namespace {

/// A book, and about how many bits it and all streams take.
struct Candidate {
  CodeBook book;
  int64_t bits;
};

/// The streams of a layer, and how often each value occurs in them.
struct Layer {
  const ck_weight_stream *streams;
  int64_t stream_count;
  int64_t weights = 0;
  SymbolCounts counts = {};

  Layer(const ck_weight_stream *streams, int64_t stream_count);

  /// The first of the most frequent values.
  int8_t mode() const;
  int8_t median() const;
  /// No fewer than the weights that are in runs of a value.
  int64_t weights_in_runs_bound(int8_t centre) const;
  /// How often each symbol occurs if a value is coded in runs.
  SymbolCounts counts_with_runs(int8_t centre) const;
};

}  // namespace

// MARK: Counts

/// Counts into four tables in turn: a count that was just changed would have to be waited for.
static void add_counts(const ck_weight_stream &stream, std::array<SymbolCounts, 4> &tables) {
  int64_t i = 0;
  for (; i + 4 <= stream.count; i += 4)
    for (int64_t k = 0; k < 4; ++k) ++tables[k][symbol_of(stream.weights[i + k])];
  for (; i < stream.count; ++i) ++tables[0][symbol_of(stream.weights[i])];
}

Layer::Layer(const ck_weight_stream *streams, int64_t stream_count)
    : streams(streams), stream_count(stream_count) {
  std::array<SymbolCounts, 4> tables = {};
  for (int64_t i = 0; i < stream_count; ++i) {
    add_counts(streams[i], tables);
    weights += std::max<int64_t>(streams[i].count, 0);
  }
  for (const SymbolCounts &table : tables)
    for (int32_t symbol = 0; symbol < value_symbols; ++symbol) counts[symbol] += table[symbol];
}

int8_t Layer::mode() const {
  return value_of(
      static_cast<int32_t>(std::max_element(counts.begin(), counts.end()) - counts.begin()));
}

int8_t Layer::median() const {
  int32_t symbol = 0;
  for (int64_t sum = counts[0]; 2 * sum < weights; sum += counts[symbol]) ++symbol;
  return value_of(symbol);
}

static void add_runs(const ck_weight_stream &stream, int8_t centre, SymbolCounts &counts) {
  const int8_t *weights = stream.weights, *const end = weights + stream.count;
  while (weights < end) {
    if (*weights != centre) {
      ++weights;
      continue;
    }
    const int64_t run = run_length(weights, end);
    ++counts[run == 1 ? symbol_of(centre) : run_symbol(run)];
    weights += run;
  }
}

SymbolCounts Layer::counts_with_runs(int8_t centre) const {
  SymbolCounts with_runs = counts;
  with_runs[symbol_of(centre)] = 0;
  for (int64_t i = 0; i < stream_count; ++i)
    if (streams[i].count > 0) add_runs(streams[i], centre, with_runs);
  // A book needs a value, even where all weights are in runs.
  if (with_runs[symbol_of(centre)] == 0) with_runs[symbol_of(centre)] = 1;
  return with_runs;
}

// MARK: Candidates

static Candidate measured(const CodeBook &book, const SymbolCounts &counts) {
  uint8_t bytes[ck_weight_code_limit];
  int64_t bits = 8 * write_book(book, bytes);
  for (int32_t symbol = 0; symbol < all_symbols; ++symbol)
    bits += counts[symbol] * (book.lengths[symbol] + extra_bits(symbol));
  return {book, bits};
}

/// The shortest codes for these counts; by differences if that is the shorter book.
static Candidate listed(const SymbolCounts &counts, int8_t centre) {
  CodeBook book = {BookForm::listed, centre, shortest_lengths(counts)};
  if (!book.has_runs()) book.centre = 0;
  if (is_shorter_by_differences(book)) book.form = BookForm::differences;
  return measured(book, counts);
}

/// Makes counts fall with the distance from the centre, each by the least possible: where they
/// rise, their mean replaces them (pool adjacent violators).
///
/// All are multiplied by the same number, so that means are whole.
static SymbolCounts falling(const SymbolCounts &counts, int8_t centre) {
  constexpr int64_t precision = 1 << 10;
  struct Pool {
    int64_t sum, size;
  };
  std::array<Pool, value_symbols> pools;
  int32_t last = -1;
  for (int32_t rank = 0; rank < value_symbols; ++rank) {
    pools[++last] = {counts[symbol_of(ranked_value(centre, rank))] * precision, 1};
    for (; last > 0 && pools[last].sum * pools[last - 1].size >
                           pools[last - 1].sum * pools[last].size; --last)
      pools[last - 1] = {pools[last - 1].sum + pools[last].sum,
                         pools[last - 1].size + pools[last].size};
  }
  SymbolCounts result;
  for (int32_t symbol = value_symbols; symbol < all_symbols; ++symbol)
    result[symbol] = counts[symbol] * precision;
  for (int32_t pool = 0, rank = 0; pool <= last; ++pool)
    for (int64_t i = 0; i < pools[pool].size; ++i, ++rank)
      result[symbol_of(ranked_value(centre, rank))] = pools[pool].sum / pools[pool].size;
  return result;
}

/// Whether a ranked book has bits enough to say how many values have each length.
static bool has_numbers(const CodeBook &book) {
  const auto end = book.lengths.begin() + value_symbols;
  return std::adjacent_find(book.lengths.begin(), end, std::not_equal_to<>()) != end;
}

/// Codes that grow with the distance from the centre, whose book is short.
static Candidate ranked(const SymbolCounts &counts, int8_t centre) {
  CodeBook book = {BookForm::ranked, centre, shortest_lengths(falling(counts, centre))};
  // Equal counts may have codes of two lengths.
  std::array<uint8_t, value_symbols> sorted;
  std::copy_n(book.lengths.begin(), value_symbols, sorted.begin());
  std::sort(sorted.begin(), sorted.end());
  const auto first = std::upper_bound(sorted.begin(), sorted.end(), 0);
  const auto occurring = static_cast<int32_t>(sorted.end() - first);
  for (int32_t rank = 0; rank < occurring; ++rank)
    book.lengths[symbol_of(ranked_value(centre, rank))] = first[rank];
  return has_numbers(book) ? measured(book, counts) : Candidate{book, INT64_MAX / 2};
}

/// How many weights have the same value as the one behind them, and it is the centre.
static int64_t count_pairs(const ck_weight_stream &stream, int8_t centre) {
  int64_t pairs = 0;
  vectorized([=, &pairs]() __attribute__((always_inline)) {
    // Bytes count up to 255 before they are added up.
    constexpr int64_t lanes = 64, rounds = 255;
    int64_t i = 0, found = 0;
    while (i + lanes < stream.count) {
      uint8_t sums[lanes] = {};
      for (int64_t round = 0; round < rounds && i + lanes < stream.count; ++round, i += lanes)
        for (int64_t k = 0; k < lanes; ++k)
          sums[k] += (stream.weights[i + k] == centre) & (stream.weights[i + k + 1] == centre);
      for (int64_t k = 0; k < lanes; ++k) found += sums[k];
    }
    for (; i + 1 < stream.count; ++i)
      found += (stream.weights[i] == centre) & (stream.weights[i + 1] == centre);
    pairs = found;
  });
  return pairs;
}

// A run has at most two weights for each pair of neighbours in it.
int64_t Layer::weights_in_runs_bound(int8_t centre) const {
  int64_t pairs = 0;
  for (int64_t i = 0; i < stream_count; ++i) pairs += count_pairs(streams[i], centre);
  return 2 * pairs;
}

/// Codes for runs are worth a trial if more than one of so many weights is in a run.
constexpr int64_t least_part = 32;

/// Whether so many weights are in runs that codes for these are worth a trial.
static bool has_many_runs(const Layer &layer, const SymbolCounts &with_runs, int8_t centre) {
  const int32_t symbol = symbol_of(centre);
  return (layer.counts[symbol] - with_runs[symbol]) * least_part > layer.weights;
}

CodeBook ckernels::plan_book(const ck_weight_stream *streams, int64_t count) {
  const Layer layer(streams, count);
  Candidate best = {CodeBook(), 8 * (1 + layer.weights)};
  if (layer.weights == 0) return best.book;
  const auto consider = [&](const Candidate &candidate) {
    // A stream has a bit in front of it, and fills its last byte.
    if (candidate.bits + 4 * count < best.bits) best = {candidate.book, candidate.bits + 4 * count};
  };
  const int8_t mode = layer.mode(), median = layer.median();
  consider(listed(layer.counts, mode));
  consider(ranked(layer.counts, mode));
  if (median != mode) consider(ranked(layer.counts, median));
  // Counting neighbours is much faster than looking for runs, which most layers do not have.
  if (layer.weights_in_runs_bound(mode) * least_part <= layer.weights) return best.book;
  const SymbolCounts with_runs = layer.counts_with_runs(mode);
  if (!has_many_runs(layer, with_runs, mode)) return best.book;
  consider(listed(with_runs, mode));
  consider(ranked(with_runs, mode));
  return best.book;
}
