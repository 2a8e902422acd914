// The checksum of a file, by which changes are found that leave everything in its place.

#include <zlib.h>

#include "Tables.h"

namespace program_schema {

namespace {

constexpr size_t checksumSize = sizeof(int64_t);

}  // namespace

size_t findChecksum(const uint8_t *bytes) {
  const Field &field = findField(program, "checksum", Kind::int64);
  const uint8_t *position = findPosition(followOffset(bytes), vtableEntry(program, field));
  return position == nullptr ? 0 : static_cast<size_t>(position - bytes);
}

int64_t makeChecksum(const uint8_t *bytes, size_t count, size_t place) {
  constexpr uint8_t zeros[checksumSize] = {};
  uLong crc = crc32_z(0, bytes, place);
  crc = crc32_z(crc, zeros, checksumSize);
  return static_cast<int64_t>(
      crc32_z(crc, bytes + place + checksumSize, count - place - checksumSize));
}

}  // namespace program_schema

bool dvp_has_its_checksum(const uint8_t *bytes, size_t count) {
  using namespace program_schema;
  size_t place = findChecksum(bytes);
  if (place == 0) return true;
  int64_t stored = read<int64_t>(bytes + place);
  return stored == -1 || stored == makeChecksum(bytes, count, place);
}
