// The vocabulary in which the tables of program files are listed. A list names the fields of a
// table in the order of `program.fbs`, so that a field's slot is its place in the list.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <cstdint>
#include <cstring>
#include <initializer_list>

#include "include/ProgramSchema.h"

#if !FLATBUFFERS_LITTLEENDIAN
#error "ProgramSchema reads files in place and so needs a little-endian host"
#endif

namespace program_schema {

/// What a field is.
enum class Kind : uint8_t {
  boolean, int32, int64, text, table, tables,
  /// A vector of numbers or structs.
  items,
};

/// The element of a vector of numbers or structs.
struct Item {
  size_t size, alignment;
  /// Writes a vector of them and returns where it is.
  dvp_reference (*write)(flatbuffers::FlatBufferBuilder &builder, const void *items, size_t count);
};

/// One field of a table.
struct Field {
  const char *name;
  Kind kind;
  /// The value of a number that the file does not have.
  int64_t defaultValue = 0;
  /// The type of the table or tables.
  const dvp_table_type *table = nullptr;
  const Item *item = nullptr;
};

/// Prints a sentence and aborts: the program asked for something that no file can give it.
[[noreturn]] void reportMistake(const char *format, ...) __attribute__((format(printf, 1, 2)));

/// The type of a table by its name.
const dvp_table_type &findType(const char *name);

/// A field of a type, which must be of one of two kinds.
const Field &findField(const dvp_table_type &type, const char *name, Kind kind, Kind other);

inline const Field &findField(const dvp_table_type &type, const char *name, Kind kind) {
  return findField(type, name, kind, kind);
}

/// Where a vtable has a field: behind its own size and the size of the table, two bytes each.
flatbuffers::voffset_t vtableEntry(const dvp_table_type &type, const Field &field);

/// Reads a number at any alignment: elements of vectors may be less aligned than their size asks
/// for.
template <typename Number>
Number read(const uint8_t *position) {
  Number number;
  std::memcpy(&number, position, sizeof number);
  return number;
}

/// Where a field stands in a table, or null if the file does not have it.
inline const uint8_t *findPosition(const uint8_t *table, flatbuffers::voffset_t entry) {
  auto offset = reinterpret_cast<const flatbuffers::Table *>(table)->GetOptionalFieldOffset(entry);
  return offset == 0 ? nullptr : table + offset;
}

/// What stands where the distance from here says that is stored here.
inline const uint8_t *followOffset(const uint8_t *position) {
  return position + read<flatbuffers::uoffset_t>(position);
}

/// Vectors and texts start with the number of their elements.
inline size_t elementCount(const uint8_t *vector) { return read<flatbuffers::uoffset_t>(vector); }

/// The first element of a vector, the first byte of a text.
inline const uint8_t *elements(const uint8_t *vector) {
  return vector + sizeof(flatbuffers::uoffset_t);
}

/// The bytes that a number takes in a table; 0 for a kind that is none.
constexpr size_t byteCount(Kind kind) {
  switch (kind) {
    case Kind::boolean: return 1;
    case Kind::int32: return 4;
    case Kind::int64: return 8;
    case Kind::text: case Kind::table: case Kind::tables: case Kind::items: break;
  }
  return 0;
}

/// Bytes 4 to 7 of a program file.
constexpr char identifier[] = "DVTP";

/// The root table of a file.
extern const dvp_table_type &program;

/// Where the checksum of a verified file stands, from its start; 0 if it has none.
size_t findChecksum(const uint8_t *bytes);

/// The checksum of a file, as `program.fbs` defines it, if it stands at a place.
int64_t makeChecksum(const uint8_t *bytes, size_t count, size_t place);

}  // namespace program_schema

/// One table type of the schema. C knows it as an opaque struct, hence its name and place.
struct dvp_table_type {
  const char *name;
  std::initializer_list<program_schema::Field> fields;
};
