// The checksum of a file, by which changes are found that leave everything in its place.

#include <array>

#include "Tables.h"

namespace program_schema {

namespace {

constexpr size_t checksumSize = sizeof(int64_t);

/// What a byte adds to a CRC-32 if so many others follow it.
using ByteTable = std::array<uint32_t, 256>;

constexpr std::array<ByteTable, 8> makeTables() {
  std::array<ByteTable, 8> tables = {};
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t rest = byte;
    // The polynomial of zlib and PNG, its bits in reverse order.
    for (int bit = 0; bit < 8; bit++) rest = (rest >> 1) ^ (rest & 1 ? 0xEDB88320 : 0);
    tables[0][byte] = rest;
  }
  for (size_t behind = 1; behind < tables.size(); behind++) {
    for (size_t byte = 0; byte < 256; byte++) {
      uint32_t rest = tables[behind - 1][byte];
      tables[behind][byte] = (rest >> 8) ^ tables[0][rest & 0xFF];
    }
  }
  return tables;
}

constexpr std::array<ByteTable, 8> tables = makeTables();

/// Goes on with a CRC-32 over more bytes, eight at a time.
uint32_t extend(uint32_t crc, const uint8_t *bytes, size_t count) {
  for (; count >= 8; bytes += 8, count -= 8) {
    uint64_t word = read<uint64_t>(bytes) ^ crc;
    crc = 0;
    for (size_t byte = 0; byte < 8; byte++) crc ^= tables[7 - byte][(word >> (8 * byte)) & 0xFF];
  }
  for (; count > 0; bytes++, count--) crc = (crc >> 8) ^ tables[0][(crc ^ *bytes) & 0xFF];
  return crc;
}

}  // namespace

size_t findChecksum(const uint8_t *bytes) {
  const Field &field = findField(program, "checksum", Kind::int64);
  const uint8_t *position = findPosition(followOffset(bytes), vtableEntry(program, field));
  return position == nullptr ? 0 : static_cast<size_t>(position - bytes);
}

int64_t makeChecksum(const uint8_t *bytes, size_t count, size_t place) {
  constexpr uint8_t zeros[checksumSize] = {};
  uint32_t crc = extend(0xFFFFFFFF, bytes, place);
  crc = extend(crc, zeros, checksumSize);
  crc = extend(crc, bytes + place + checksumSize, count - place - checksumSize);
  return crc ^ 0xFFFFFFFF;
}

}  // namespace program_schema

bool dvp_has_its_checksum(const uint8_t *bytes, size_t count) {
  using namespace program_schema;
  size_t place = findChecksum(bytes);
  if (place == 0) return true;
  int64_t stored = read<int64_t>(bytes + place);
  return stored == -1 || stored == makeChecksum(bytes, count, place);
}
