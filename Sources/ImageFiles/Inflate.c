#include <zlib.h>

#include "ImageFiles.h"

/// zlib counts with 32 bits.
static const int64_t largest_part = 1 << 30;

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

/// The bytes written; −1 if the stream does not end within `deflated` and `output`, or is damaged.
static int64_t inflate_all(z_stream *stream, const uint8_t *deflated, int64_t count,
                           uint8_t *output, int64_t output_count) {
  const uint8_t *const input_end = deflated + count;
  uint8_t *const output_end = output + output_count;
  stream->next_in = (Bytef *)deflated;
  stream->next_out = output;
  int status = Z_OK;
  while (status == Z_OK) {
    stream->avail_in = (uInt)smaller(input_end - stream->next_in, largest_part);
    stream->avail_out = (uInt)smaller(output_end - stream->next_out, largest_part);
    // Without progress the status is an error.
    status = inflate(stream, Z_NO_FLUSH);
  }
  return status == Z_STREAM_END ? stream->next_out - output : -1;
}

bool archive_inflate(const uint8_t *deflated, int64_t count, uint8_t *output, int64_t output_count,
                     uint32_t checksum) {
  z_stream stream = {0};
  // Negative: there is no header, which archives have in their own form.
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return false;
  const int64_t written = inflate_all(&stream, deflated, count, output, output_count);
  inflateEnd(&stream);
  return written == output_count && crc32_z(0, output, (size_t)output_count) == checksum;
}
