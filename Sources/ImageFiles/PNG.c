#include <png.h>
#include <string.h>

#include "Decoding.h"

/// The bytes that are still to be read.
typedef struct {
  const uint8_t *next;
  size_t count;
} source;

/// No deflated byte becomes more than 1032.
static const uint64_t most_inflation = 1032;
/// Texts and profiles beside the image, which nobody reads, are inflated too.
static const png_alloc_size_t largest_chunk = 8 * 1024 * 1024;

static void read_bytes(png_structp png, png_bytep output, size_t count) {
  source *from = png_get_io_ptr(png);
  if (count > from->count) png_error(png, "the file ends early");
  memcpy(output, from->next, count);
  from->next += count;
  from->count -= count;
}

static void fail(png_structp png, png_const_charp message) {
  (void)message;
  png_longjmp(png, 1);
}

static void ignore(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

/// Whether the file can hold so much.
static bool is_justified(png_structp png, png_infop info, size_t count) {
  const uint64_t row_bytes = png_get_rowbytes(png, info);
  return row_bytes * png_get_image_height(png, info) <= most_inflation * count;
}

/// Returns how often the rows must be read.
static int become_rgb(png_structp png, png_infop info) {
  png_set_expand(png);
  png_set_scale_16(png);
  png_set_gray_to_rgb(png);
  png_set_strip_alpha(png);
  const int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  return passes;
}

static void read_rows(png_structp png, image_pixels *image, int passes) {
  const size_t row_bytes = 3 * (size_t)image->width;
  for (int pass = 0; pass < passes; ++pass)
    for (int32_t y = 0; y < image->height; ++y)
      png_read_row(png, image->pixels + (size_t)y * row_bytes, NULL);
}

/// Leaves by the jump that its caller has set where something is wrong.
static image_outcome read_image(png_structp png, png_infop info, size_t count,
                                image_pixels *image) {
  // Limits are ours, so that the outcome tells them from damage.
  png_set_user_limits(png, 0x7FFFFFFF, 0x7FFFFFFF);
  png_set_chunk_malloc_max(png, largest_chunk);
  png_read_info(png, info);
  const image_outcome outcome = image_allocate(image, png_get_image_width(png, info),
                                               png_get_image_height(png, info));
  if (outcome != image_decoded) return outcome;
  if (!is_justified(png, info, count)) return image_damaged;
  const int passes = become_rgb(png, info);
  if (png_get_rowbytes(png, info) != 3 * (size_t)image->width) return image_of_unknown_colors;
  read_rows(png, image, passes);
  return image_decoded;
}

image_outcome image_decode_png(const uint8_t *bytes, int64_t count, image_pixels *image) {
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, fail, ignore);
  if (png == NULL) return image_out_of_memory;
  png_infop info = png_create_info_struct(png);
  source from = {bytes, (size_t)count};
  image_outcome outcome = image_damaged;
  if (info != NULL && setjmp(png_jmpbuf(png)) == 0) {
    png_set_read_fn(png, &from, read_bytes);
    outcome = read_image(png, info, (size_t)count, image);
  } else {
    // What `outcome` held before the jump is not known.
    outcome = info == NULL ? image_out_of_memory : image_damaged;
  }
  png_destroy_read_struct(&png, &info, NULL);
  return outcome;
}
