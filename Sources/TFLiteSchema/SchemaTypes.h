// The vocabulary in which the lists of this folder describe the TFLite schema: enumerations,
// fields, tables, unions.
//
// All of it is constant data. A list names the fields of a table in the order of the schema, so
// that a field's slot is its place in the list. The schema grows only at the ends of its tables,
// unions and enumerations, and so do the lists.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>

struct tflite_table_schema;

namespace tflite_schema {

/// What one value of a field is; `Field::isVector` tells whether the field holds one or many.
enum class Kind : uint8_t {
  /// A slot whose former field the schema has given up; never read.
  retired,
  boolean, int8, uint8, int16, uint16, int32, uint32, int64, uint64, float32,
  string,
  /// A table of the type `Field::table`.
  table,
  /// A table whose type, one of `Field::members`, the field before this one tells.
  oneOf,
};

/// The names of the values 0, 1, 2, … of an integer field.
struct Enumeration {
  const char *name;
  std::initializer_list<const char *> values;

  /// The name of a value, or null if the schema has none.
  const char *valueName(int64_t value) const {
    bool isKnown = value >= 0 && value < static_cast<int64_t>(values.size());
    return isKnown ? values.begin()[value] : nullptr;
  }
};

struct Union;

/// One field of a table.
struct Field {
  const char *name = nullptr;
  Kind kind = Kind::retired;
  bool isVector = false;
  /// The value of a field that the file does not have. Every real field of the schema has 0 here.
  int64_t defaultValue = 0;
  /// The names of the field's values, or null.
  const Enumeration *enumeration = nullptr;
  /// The type of the table (or tables) that the field refers to, for `Kind::table`.
  const tflite_table_schema *table = nullptr;
  /// The types to choose from, for `Kind::oneOf` and for the integer before it that chooses.
  const Union *members = nullptr;
  /// Whether this field counts bytes that stand in the file after the FlatBuffer, at the offset
  /// (from the start of the file) in the field before this one. Files beyond 2 GiB keep weights
  /// this way.
  bool isRangeSize = false;
};

}  // namespace tflite_schema

/// One table type of the schema. C knows it as an opaque struct, hence its name and place.
struct tflite_table_schema {
  const char *name;
  std::initializer_list<tflite_schema::Field> fields;
};

namespace tflite_schema {

using Table = ::tflite_table_schema;

/// The table types that a field of kind `oneOf` may hold, in the order of their type ids. The first
/// stands for none.
struct Union {
  std::initializer_list<Table> members;

  /// The table type with a type id, or null for none and for ids of later schemas.
  const Table *member(uint8_t typeID) const {
    return typeID > 0 && typeID < members.size() ? members.begin() + typeID : nullptr;
  }
};

/// The number of bytes one scalar of a kind takes in the file.
constexpr size_t byteCount(Kind kind) {
  switch (kind) {
    case Kind::boolean: case Kind::int8: case Kind::uint8: return 1;
    case Kind::int16: case Kind::uint16: return 2;
    case Kind::int32: case Kind::uint32: case Kind::float32: return 4;
    case Kind::int64: case Kind::uint64: return 8;
    case Kind::retired: case Kind::string: case Kind::table: case Kind::oneOf: return 0;
  }
  return 0;
}

}  // namespace tflite_schema
