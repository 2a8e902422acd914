// Reads the fields of tables in verified files, one value or one element at a time.

#include <algorithm>

#include "FlatBuffer.h"
#include "Lookup.h"

using namespace tflite_schema;

namespace {

bool isInteger(Kind kind) { return byteCount(kind) > 0 && kind != Kind::float32; }

int64_t readInteger(Kind kind, const uint8_t *position) {
  switch (kind) {
    // The byte of a truth value from a stranger may be neither 0 nor 1.
    case Kind::boolean: return *position != 0;
    case Kind::int8: return read<int8_t>(position);
    case Kind::uint8: return read<uint8_t>(position);
    case Kind::int16: return read<int16_t>(position);
    case Kind::uint16: return read<uint16_t>(position);
    case Kind::int32: return read<int32_t>(position);
    case Kind::uint32: return read<uint32_t>(position);
    case Kind::int64: case Kind::uint64: return read<int64_t>(position);
    case Kind::retired: case Kind::float32: case Kind::string: case Kind::table: case Kind::oneOf:
      break;
  }
  reportMistake("read something as an integer that is none.");
}

/// The string or vector that a field refers to, or null if the file does not have it.
const uint8_t *findTarget(const FieldView &view) {
  return view.position == nullptr ? nullptr : followOffset(view.position);
}

/// Where an element of a vector stands.
const uint8_t *findElement(tflite_table table, const FieldView &view, size_t index, size_t size) {
  const uint8_t *vector = findTarget(view);
  size_t count = vector == nullptr ? 0 : elementCount(vector);
  if (index >= count) {
    reportMistake("asked for element %zu of the %zu in the field `%s` of a table `%s`.", index,
                  count, view.field.name, table.schema->name);
  }
  return elements(vector) + index * size;
}

/// The bytes of a vector of scalars, in little-endian order, and their number; null and 0 if the file
/// does not have it.
const uint8_t *bytesOf(tflite_table table, const char *field, size_t *count) {
  FieldView view = findInFile(table, field);
  size_t size = byteCount(view.field.kind);
  requireForm(table, view.field, view.field.isVector && size > 0, "a vector of numbers");
  const uint8_t *vector = findTarget(view);
  *count = vector == nullptr ? 0 : elementCount(vector) * size;
  return vector == nullptr ? nullptr : elements(vector);
}

/// Bytes that stand in the field `data` of a table or else, as the fields `offset` and `size` tell,
/// after the FlatBuffer.
const uint8_t *bytesInOrOutside(const uint8_t *file, tflite_table table, const char *data,
                                const char *offset, const char *size, size_t *count) {
  const uint8_t *inside = bytesOf(table, data, count);
  auto start = static_cast<uint64_t>(tflite_int(table, offset));
  auto length = static_cast<uint64_t>(tflite_int(table, size));
  if (*count > 0 || length == 0 || start <= largestPlaceholderOffset) return inside;
  *count = static_cast<size_t>(length);
  return file + start;
}

}  // namespace

tflite_table tflite_model(const uint8_t *bytes) { return {followOffset(bytes), &model}; }

bool tflite_has(tflite_table table, const char *field) {
  return findInFile(table, field).position != nullptr;
}

int64_t tflite_int(tflite_table table, const char *field) {
  FieldView view = findInFile(table, field);
  requireForm(table, view.field, !view.field.isVector && isInteger(view.field.kind), "an integer");
  return view.position == nullptr ? view.field.defaultValue
                                  : readInteger(view.field.kind, view.position);
}

double tflite_float(tflite_table table, const char *field) {
  FieldView view = findInFile(table, field);
  requireForm(table, view.field, !view.field.isVector && view.field.kind == Kind::float32,
              "a real number");
  return view.position == nullptr ? static_cast<double>(view.field.defaultValue)
                                  : read<float>(view.position);
}

const char *tflite_string(tflite_table table, const char *field, size_t *count) {
  FieldView view = findInFile(table, field);
  requireForm(table, view.field, view.field.kind == Kind::string, "a string");
  const uint8_t *string = findTarget(view);
  *count = string == nullptr ? 0 : elementCount(string);
  return string == nullptr ? nullptr : reinterpret_cast<const char *>(elements(string));
}

tflite_table tflite_child(tflite_table table, const char *field) {
  FieldView view = findInFile(table, field);
  Kind kind = view.field.kind;
  bool isOneTable = !view.field.isVector && (kind == Kind::table || kind == Kind::oneOf);
  requireForm(table, view.field, isOneTable, "a table");
  const Table *schema = view.field.table;
  if (kind == Kind::oneOf) {
    const uint8_t *typeID = fieldPosition(table.data, view.slot - 1);
    schema = typeID == nullptr ? nullptr : view.field.members->member(*typeID);
  }
  if (view.position == nullptr || schema == nullptr) return {nullptr, schema};
  return {followOffset(view.position), schema};
}

size_t tflite_count(tflite_table table, const char *field) {
  FieldView view = findInFile(table, field);
  requireForm(table, view.field, view.field.isVector, "a vector");
  const uint8_t *vector = findTarget(view);
  return vector == nullptr ? 0 : elementCount(vector);
}

tflite_table tflite_element(tflite_table table, const char *field, size_t index) {
  FieldView view = findInFile(table, field);
  requireForm(table, view.field, view.field.isVector && view.field.kind == Kind::table,
              "a vector of tables");
  const uint8_t *position = findElement(table, view, index, sizeof(flatbuffers::uoffset_t));
  return {followOffset(position), view.field.table};
}

int64_t tflite_int_element(tflite_table table, const char *field, size_t index) {
  FieldView view = findInFile(table, field);
  Kind kind = view.field.kind;
  requireForm(table, view.field, view.field.isVector && isInteger(kind), "a vector of integers");
  return readInteger(kind, findElement(table, view, index, byteCount(kind)));
}

double tflite_float_element(tflite_table table, const char *field, size_t index) {
  FieldView view = findInFile(table, field);
  requireForm(table, view.field, view.field.isVector && view.field.kind == Kind::float32,
              "a vector of real numbers");
  return read<float>(findElement(table, view, index, sizeof(float)));
}

int32_t tflite_operator_code(tflite_table operator_code) {
  int64_t code = std::max(tflite_int(operator_code, "deprecated_builtin_code"),
                          tflite_int(operator_code, "builtin_code"));
  return static_cast<int32_t>(code);
}

const uint8_t *tflite_buffer_bytes(const uint8_t *bytes, tflite_table buffer, size_t *count) {
  return bytesInOrOutside(bytes, buffer, "data", "offset", "size", count);
}

const uint8_t *tflite_custom_options(const uint8_t *bytes, tflite_table operation, size_t *count) {
  return bytesInOrOutside(bytes, operation, "custom_options", "large_custom_options_offset",
                          "large_custom_options_size", count);
}
