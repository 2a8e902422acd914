#ifndef DOVETAIL_WEIGHTS_H
#define DOVETAIL_WEIGHTS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// A lossless code for the 8-bit weights of a layer, made to be decoded by hardware: one prefix code
// per layer, in which the most frequent value may also come in runs.
//
// The weights of a layer are cut into streams, each of which is decoded by itself from its first
// byte on. What all streams of a layer share is its code, which has a form in bytes of its own, the
// code book. A decoder holds the codes of at most 263 symbols, 12 bits each at most, and the rest
// of one run; it looks at 19 bits at a time at most, and makes one weight after the other.
//
// Everywhere, bits follow each other from the highest bit of a byte to its lowest, numbers begin
// with their highest bit, and values are two's complement. Bits that the last byte has left are 0.
//
// Symbols
//
//   0 ... 255    the weight `symbol − 128`
//   256 ... 262  a run of the centre, a value that the book names. With k = symbol − 255, which is
//                1 ... 7, k bits follow the symbol's code and are a number e: the centre is
//                repeated 2^k + e times, 2 ... 255 that is. A run goes up to the end of its
//                stream at most.
//
// Codes follow from their lengths, 1 ... 12 bits; symbols of length 0 do not occur. Symbols are
// taken in order of their lengths, those of one length in order of their numbers. The first has the
// code 0; each other has the code of the one before plus 1, to which zeros are appended until it is
// as long as it should be. Lengths use up all codes: the sum of 2^−length is 1. Only a symbol that
// is the only one has a length of 1 and leaves the code `1` unused.
//
// Code book, 1 to 136 bytes
//
//   8 bits       form: 0 raw, 1 ranked, 2 listed by differences, 3 listed; 4 is added if runs occur
//                (forms 5, 6, 7). Form 0 ends here.
//   8 bits       centre. 0 in forms 2 and 3, which do not use it.
//   7 × 4 bits   in forms 5, 6, 7: lengths of symbols 256 ... 262, at least one of which is not 0.
//   then, in form 1 and 5, lengths that grow with the distance from the centre:
//   4 bits       s, the least length of a value, 1 ... 12
//   4 bits       t, the greatest, s ... 12
//   8 bits each  for each length s ... t: how many values have it. The values are, in this order,
//                centre, centre − 1, centre + 1, centre − 2, centre + 2 and so on, modulo 2^8, up
//                to centre − 128. Values that are left over do not occur. Neither the first nor
//                the last number is 0.
//   or, in forms 2, 3, 6 and 7, one length after the other:
//   8 bits       the first value that occurs
//   8 bits       the last value that occurs, not less than the first
//   then for each value from first to last its length, in form 3 and 7 as a number of 4 bits, in
//   form 2 and 6 as a difference from the one before (from 8, for the first):
//     0          the same length
//     10         1 more
//     110        1 less
//     111 and 4 bits  that length, which may be 0
//   The lengths of the first and of the last value are not 0.
//
// Stream of n weights
//
//   n is known to the decoder. Without weights, there are no bytes.
//   Layer of form 0: n bytes, the weights.
//   Other layers: a bit. If it is 1, 7 bits of 0 and n bytes, the weights, follow. If it is 0,
//   symbols follow until they have made n weights.
//
// Example: the book 03 00 FF 01 12 20 lists the lengths 1, 2, 2 of −1, 0 and 1, whose codes are 0,
// 10 and 11. The stream 2C is 0, then 0 10 11 0, which are −1, 0, 1, −1, and two bits to fill it.

/// The code that the streams of a layer share. It does not change, so threads may share it.
typedef struct ck_weight_code ck_weight_code;

/// Weights that are decoded by themselves.
typedef struct {
  const int8_t *weights;
  int64_t count;
} ck_weight_stream;

/// Why a stream cannot be decoded.
typedef enum {
  /// The stream ends before all weights are there.
  ck_weights_truncated = -1,
  /// There is no such code, a run is longer than the stream, or bits that should be 0 are not.
  ck_weights_malformed = -2
} ck_weight_error;

enum {
  /// Bytes that the longest code book has.
  ck_weight_code_limit = 136
};

/// The code that makes the streams of a layer, with its book, shortest among those that are tried.
/// Equal streams give equal codes.
///
/// To be freed with `ck_free_weight_code`.
ck_weight_code *ck_plan_weight_code(const ck_weight_stream *streams, int64_t count);

/// The code of a book of exactly `size` bytes, or NULL where these are not one.
ck_weight_code *ck_parse_weight_code(const uint8_t *book, int64_t size);

/// Writes the book of a code, at most `ck_weight_code_limit` bytes, and returns its size.
int64_t ck_write_weight_code(const ck_weight_code *code, uint8_t *book);

/// NULL is allowed.
void ck_free_weight_code(ck_weight_code *code);

/// Writes the stream of some weights and returns its size, at most `count + 1` bytes, for which
/// there must be room. Weights of another layer can be encoded too.
int64_t ck_encode_weights(const ck_weight_code *code, const int8_t *weights, int64_t count,
                          uint8_t *stream);

/// Decodes `count` weights and returns how many of the `size` bytes their stream has, or a
/// `ck_weight_error`; some of the weights may have been written by then.
///
/// The bytes may be anything: no others are read, and no more than `count` weights are written.
int64_t ck_decode_weights(const ck_weight_code *code, const uint8_t *stream, int64_t size,
                          int8_t *weights, int64_t count);

#ifdef __cplusplus
}
#endif

#endif
