// The words in which the lists are written: one for each form that a field can have.
#pragma once

#include "SchemaTypes.h"

namespace tflite_schema {

/// A field that holds one value of a kind.
constexpr Field scalar(const char *name, Kind kind, int64_t defaultValue) {
  Field field;
  field.name = name;
  field.kind = kind;
  field.defaultValue = defaultValue;
  return field;
}

/// A truth value.
constexpr Field boolean(const char *name, bool defaultValue = false) {
  return scalar(name, Kind::boolean, defaultValue);
}

/// A signed number of 32 bits.
constexpr Field int32(const char *name, int32_t defaultValue = 0) {
  return scalar(name, Kind::int32, defaultValue);
}

/// An unsigned number of 32 bits, as a rule an index.
constexpr Field uint32(const char *name) { return scalar(name, Kind::uint32, 0); }

/// A signed number of 64 bits.
constexpr Field int64(const char *name) { return scalar(name, Kind::int64, 0); }

/// An unsigned number of 64 bits, as a rule an offset.
constexpr Field uint64(const char *name) { return scalar(name, Kind::uint64, 0); }

/// A real number.
constexpr Field float32(const char *name) { return scalar(name, Kind::float32, 0); }

/// A text.
constexpr Field string(const char *name) { return scalar(name, Kind::string, 0); }

/// The slot of a field that the schema has given up.
constexpr Field retired() { return Field{}; }

/// A number that stands for a name.
constexpr Field enumeration(const char *name, const Enumeration &values, int64_t defaultValue = 0,
                            Kind kind = Kind::int8) {
  Field field = scalar(name, kind, defaultValue);
  field.enumeration = &values;
  return field;
}

/// See `Field::isRangeSize`.
constexpr Field rangeSize(const char *name) {
  Field field = uint64(name);
  field.isRangeSize = true;
  return field;
}

/// A vector of scalars, which may stand for names.
constexpr Field vectorOf(const char *name, Kind kind, const Enumeration *values = nullptr) {
  Field field = scalar(name, kind, 0);
  field.isVector = true;
  field.enumeration = values;
  return field;
}

/// A table of a known type.
constexpr Field table(const char *name, const Table &schema) {
  Field field = scalar(name, Kind::table, 0);
  field.table = &schema;
  return field;
}

/// A vector of tables of a known type.
constexpr Field tables(const char *name, const Table &schema) {
  Field field = table(name, schema);
  field.isVector = true;
  return field;
}

/// The type id of the table in the field after this one, which is a `oneOf`.
constexpr Field typeOf(const char *name, const Union &members) {
  Field field = scalar(name, Kind::uint8, 0);
  field.members = &members;
  return field;
}

/// A table of the type that the field before this one, a `typeOf`, tells.
constexpr Field oneOf(const char *name, const Union &members) {
  Field field = scalar(name, Kind::oneOf, 0);
  field.members = &members;
  return field;
}

}  // namespace tflite_schema
