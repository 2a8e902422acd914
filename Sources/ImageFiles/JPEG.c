#include <stdio.h>
// Needs the declarations of <stdio.h>.
#include <jpeglib.h>
// Needs those of <jpeglib.h>.
#include <jerror.h>
#include <setjmp.h>

#include "Decoding.h"

/// Files in which scans follow each other without end would keep a decoder busy for hours.
static const int most_scans = 500;
/// Pixels that a byte can stand for, more than any encoder reaches.
static const int64_t most_pixels_per_byte = 1024;

/// What the library's callbacks find behind the part that it knows.
typedef struct {
  struct jpeg_error_mgr library;
  jmp_buf failed;
} errors;

static void fail(j_common_ptr decoder) { longjmp(((errors *)decoder->err)->failed, 1); }

/// Ends at damage that the library would fill with gray; other warnings are common in sound images.
static void hear(j_common_ptr decoder, int level) {
  if (level >= 0) return;
  switch (decoder->err->msg_code) {
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_JPEG_EOF:
    case JWRN_MUST_RESYNC:
      fail(decoder);
      break;
    default:
      break;
  }
}

static void print_nothing(j_common_ptr decoder) { (void)decoder; }

static void check_scans(j_common_ptr decoder) {
  if (((j_decompress_ptr)decoder)->input_scan_number > most_scans) fail(decoder);
}

static bool has_known_colors(const struct jpeg_decompress_struct *decoder) {
  return decoder->jpeg_color_space == JCS_GRAYSCALE || decoder->jpeg_color_space == JCS_RGB ||
         decoder->jpeg_color_space == JCS_YCbCr;
}

static void read_rows(j_decompress_ptr decoder, image_pixels *image) {
  while (decoder->output_scanline < decoder->output_height) {
    JSAMPROW row = image->pixels + (size_t)decoder->output_scanline * 3 * (size_t)image->width;
    jpeg_read_scanlines(decoder, &row, 1);
  }
}

/// Leaves by the jump that its caller has set where something is wrong.
static image_outcome read_image(j_decompress_ptr decoder, const uint8_t *bytes, int64_t count,
                                image_pixels *image) {
  jpeg_mem_src(decoder, bytes, (unsigned long)count);
  jpeg_read_header(decoder, TRUE);
  if (!has_known_colors(decoder)) return image_of_unknown_colors;
  const image_outcome outcome =
      image_allocate(image, decoder->image_width, decoder->image_height);
  if (outcome != image_decoded) return outcome;
  if ((int64_t)image->width * image->height > most_pixels_per_byte * count) return image_damaged;
  decoder->out_color_space = JCS_RGB;
  jpeg_start_decompress(decoder);
  read_rows(decoder, image);
  return image_decoded;
}

image_outcome image_decode_jpeg(const uint8_t *bytes, int64_t count, image_pixels *image) {
  struct jpeg_decompress_struct decoder = {0};
  struct jpeg_progress_mgr progress = {.progress_monitor = check_scans};
  errors handlers;
  decoder.err = jpeg_std_error(&handlers.library);
  handlers.library.error_exit = fail;
  handlers.library.emit_message = hear;
  handlers.library.output_message = print_nothing;
  image_outcome outcome = image_damaged;
  if (setjmp(handlers.failed) == 0) {
    jpeg_create_decompress(&decoder);
    decoder.progress = &progress;
    outcome = read_image(&decoder, bytes, count, image);
  } else {
    // What `outcome` held before the jump is not known.
    outcome = image_damaged;
  }
  jpeg_destroy_decompress(&decoder);
  return outcome;
}
