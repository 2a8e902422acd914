// Reads the fields of tables in verified files.

#include "Tables.h"

using namespace program_schema;

namespace {

/// Where a field stands, or null if the file does not have it.
const uint8_t *findInFile(dvp_table table, const Field &field) {
  if (table.data == nullptr) {
    reportMistake("read the field `%s` of an absent table `%s`.", field.name, table.type->name);
  }
  return findPosition(table.data, vtableEntry(*table.type, field));
}

/// What a field refers to, or null if the file does not have it.
const uint8_t *findContent(dvp_table table, const Field &field) {
  const uint8_t *position = findInFile(table, field);
  return position == nullptr ? nullptr : followOffset(position);
}

const Field &findNumber(const dvp_table_type &type, const char *name) {
  for (Kind kind : {Kind::boolean, Kind::int32}) {
    for (const Field &field : type.fields) {
      if (field.kind == kind && std::strcmp(field.name, name) == 0) return field;
    }
  }
  return findField(type, name, Kind::int64);
}

}  // namespace

dvp_table dvp_root(const uint8_t *bytes) { return {followOffset(bytes), &program}; }

int64_t dvp_integer(dvp_table table, const char *name) {
  const Field &field = findNumber(*table.type, name);
  const uint8_t *position = findInFile(table, field);
  if (position == nullptr) return field.defaultValue;
  switch (byteCount(field.kind)) {
    // The byte of a truth value from a stranger may be neither 0 nor 1.
    case 1: return *position != 0;
    case 4: return read<int32_t>(position);
    default: return read<int64_t>(position);
  }
}

const char *dvp_text(dvp_table table, const char *name, size_t *count) {
  const uint8_t *text = findContent(table, findField(*table.type, name, Kind::text));
  *count = text == nullptr ? 0 : elementCount(text);
  return text == nullptr ? nullptr : reinterpret_cast<const char *>(elements(text));
}

dvp_table dvp_child(dvp_table table, const char *name) {
  const Field &field = findField(*table.type, name, Kind::table);
  return {findContent(table, field), field.table};
}

size_t dvp_count(dvp_table table, const char *name) {
  const uint8_t *vector =
      findContent(table, findField(*table.type, name, Kind::tables, Kind::items));
  return vector == nullptr ? 0 : elementCount(vector);
}

dvp_table dvp_element(dvp_table table, const char *name, size_t index) {
  const Field &field = findField(*table.type, name, Kind::tables);
  const uint8_t *vector = findContent(table, field);
  size_t count = vector == nullptr ? 0 : elementCount(vector);
  if (index >= count) {
    reportMistake("asked for element %zu of the %zu in the field `%s` of a table `%s`.", index,
                  count, name, table.type->name);
  }
  return {followOffset(elements(vector) + index * sizeof(flatbuffers::uoffset_t)), field.table};
}

const void *dvp_items(dvp_table table, const char *name, size_t size) {
  const Field &field = findField(*table.type, name, Kind::items);
  if (field.item->size != size) reportMistake("elements of `%s` are of another size.", name);
  const uint8_t *vector = findContent(table, field);
  return vector == nullptr ? nullptr : elements(vector);
}
