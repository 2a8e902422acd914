#include <stdlib.h>
#include <string.h>

#include "Decoding.h"

static bool begins_with(const uint8_t *bytes, int64_t count, const char *signature, size_t length) {
  return count >= (int64_t)length && memcmp(bytes, signature, length) == 0;
}

image_outcome image_decode(const uint8_t *bytes, int64_t count, image_pixels *image) {
  *image = (image_pixels){0, 0, NULL};
  image_outcome outcome = image_of_unknown_kind;
  if (begins_with(bytes, count, "\x89PNG\r\n\x1a\n", 8))
    outcome = image_decode_png(bytes, count, image);
  else if (begins_with(bytes, count, "\xff\xd8\xff", 3))
    outcome = image_decode_jpeg(bytes, count, image);
  if (outcome != image_decoded) image_free(image);
  return outcome;
}

image_outcome image_allocate(image_pixels *image, uint32_t width, uint32_t height) {
  if (width == 0 || height == 0) return image_damaged;
  if (width > image_largest_extent || height > image_largest_extent ||
      (int64_t)width * height > image_most_pixels)
    return image_too_large;
  image->width = (int32_t)width;
  image->height = (int32_t)height;
  image->pixels = calloc((size_t)width * height, 3);
  return image->pixels == NULL ? image_out_of_memory : image_decoded;
}

void image_free(image_pixels *image) {
  free(image->pixels);
  image->pixels = NULL;
}
