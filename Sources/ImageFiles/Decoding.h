#pragma once

#include "ImageFiles.h"

/// Decoders of one format each; the bytes begin as the format has it.
image_outcome image_decode_png(const uint8_t *bytes, int64_t count, image_pixels *image);
image_outcome image_decode_jpeg(const uint8_t *bytes, int64_t count, image_pixels *image);

/// Allocates the pixels of an image whose extents are known, if they are allowed.
image_outcome image_allocate(image_pixels *image, uint32_t width, uint32_t height);
