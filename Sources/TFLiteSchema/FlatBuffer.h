// The few facts about the FlatBuffers format that the verifier and the accessors share.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <cstring>

#include "SchemaTypes.h"

#if !FLATBUFFERS_LITTLEENDIAN
#error "TFLiteSchema reads files in place and so needs a little-endian host"
#endif

namespace tflite_schema {

/// Reads a number at any alignment: the elements of a vector may be less aligned than their size
/// asks for, which FlatBuffers does not verify.
template <typename Number>
Number read(const uint8_t *position) {
  Number number;
  std::memcpy(&number, position, sizeof number);
  return number;
}

/// Where the field in a slot stands in a table, or null if the file does not have it.
inline const uint8_t *fieldPosition(const uint8_t *table, size_t slot) {
  // A vtable starts with its own size and the size of the table; then come the slots, two bytes
  // each.
  auto entry = static_cast<flatbuffers::voffset_t>((slot + 2) * sizeof(flatbuffers::voffset_t));
  auto offset = reinterpret_cast<const flatbuffers::Table *>(table)->GetOptionalFieldOffset(entry);
  return offset == 0 ? nullptr : table + offset;
}

/// Where the string, vector or table stands whose distance from here is stored here.
inline const uint8_t *followOffset(const uint8_t *position) {
  return position + read<flatbuffers::uoffset_t>(position);
}

/// Vectors and strings start with the number of their elements.
inline size_t elementCount(const uint8_t *vector) { return read<flatbuffers::uoffset_t>(vector); }

/// The first element of a vector, the first byte of a string.
inline const uint8_t *elements(const uint8_t *vector) {
  return vector + sizeof(flatbuffers::uoffset_t);
}

/// Offsets into the file up to this one say that there are no bytes outside the FlatBuffer: writers
/// put 0 or 1 as a place holder.
constexpr uint64_t largestPlaceholderOffset = 1;

}  // namespace tflite_schema
