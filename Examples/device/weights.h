// Decodes weights that are stored in fewer bits, as `dovetail_weights.h` describes them.
#ifndef DEVICE_WEIGHTS_H
#define DEVICE_WEIGHTS_H

#include <stdint.h>

/// Decodes `count` weights of a stream with a code book. Returns 0 if they cannot be decoded; no
/// bytes but those given are read.
int decode_weights(const uint8_t *book, int64_t book_size, const uint8_t *stream,
                   int64_t stream_size, int8_t *weights, int64_t count);

#endif
