// What the types of tables and fields are called, and what the values of fields stand for.

#include "Lookup.h"

using namespace tflite_schema;

namespace {

tflite_kind publicKind(Kind kind) {
  switch (kind) {
    case Kind::boolean: return tflite_kind_boolean;
    case Kind::int8: case Kind::uint8: case Kind::int16: case Kind::uint16:
    case Kind::int32: case Kind::uint32: case Kind::int64: case Kind::uint64:
      return tflite_kind_integer;
    case Kind::float32: return tflite_kind_real;
    case Kind::string: return tflite_kind_string;
    case Kind::table: case Kind::oneOf: return tflite_kind_table;
    case Kind::retired: break;
  }
  reportMistake("a retired field has no kind.");
}

const Table &schemaOf(tflite_table table) {
  if (table.schema == nullptr) reportMistake("asked for the type of an absent table.");
  return *table.schema;
}

}  // namespace

size_t tflite_field_count(tflite_table table) {
  size_t count = 0;
  for (const Field &field : schemaOf(table).fields) count += field.kind != Kind::retired;
  return count;
}

const char *tflite_field_name(tflite_table table, size_t index) {
  size_t remaining = index;
  for (const Field &field : schemaOf(table).fields) {
    if (field.kind == Kind::retired) continue;
    if (remaining == 0) return field.name;
    remaining--;
  }
  reportMistake("the table `%s` has no field number %zu.", table.schema->name, index);
}

tflite_kind tflite_field_kind(tflite_table table, const char *field) {
  return publicKind(findField(table, field).kind);
}

bool tflite_is_vector(tflite_table table, const char *field) {
  return findField(table, field).isVector;
}

const char *tflite_operator_name(int32_t code) { return builtinOperator.valueName(code); }

const char *tflite_tensor_type_name(int32_t code) { return tensorType.valueName(code); }
