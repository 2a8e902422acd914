#ifndef IMAGE_FILES_H
#define IMAGE_FILES_H

/// Images of PNG and JPEG files by libpng and libjpeg, and members of archives by zlib.
///
/// Files come from strangers: no call reads outside of what it is given, none prints, and none
/// allocates more than an image of the allowed size needs.

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What came of decoding an image.
typedef enum {
  image_decoded = 0,
  /// The bytes begin like no PNG or JPEG file.
  image_of_unknown_kind = 1,
  /// The bytes break the rules of their format, or end early.
  image_damaged = 2,
  /// Width or height is beyond `image_largest_extent`, or there are more than `image_most_pixels`.
  image_too_large = 3,
  /// Colors that do not become red, green and blue, such as those for printing.
  image_of_unknown_colors = 4,
  image_out_of_memory = 5
} image_outcome;

enum { image_largest_extent = 16384, image_most_pixels = 256 * 1024 * 1024 };

/// Red, green and blue of each pixel, [height][width][3].
typedef struct {
  int32_t width, height;
  uint8_t *pixels;
} image_pixels;

/// Decodes a PNG or JPEG file. Transparency is left out, 16 bits become 8, and the orientation that
/// a camera noted is not applied.
///
/// On success the caller frees the pixels with `image_free`; otherwise there are none.
image_outcome image_decode(const uint8_t *bytes, int64_t count, image_pixels *image);

/// Frees the pixels of a decoded image.
void image_free(image_pixels *image);

/// Inflates `deflated` (RFC 1951, as in archives) into exactly `output_count` bytes with this
/// checksum (CRC-32); false if they do not become that.
bool archive_inflate(const uint8_t *deflated, int64_t count, uint8_t *output, int64_t output_count,
                     uint32_t checksum);

#ifdef __cplusplus
}
#endif

#endif
