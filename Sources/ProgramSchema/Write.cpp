// Writes program files.

#include <vector>

#include "Tables.h"

using namespace program_schema;

struct dvp_writer {
  flatbuffers::FlatBufferBuilder builder;
  /// The type of the table that is being written, and where it starts.
  const dvp_table_type *type = nullptr;
  flatbuffers::uoffset_t start = 0;

  explicit dvp_writer(size_t capacity) : builder(capacity) {}

  const dvp_table_type &openType() const {
    if (type == nullptr) reportMistake("no table is being written.");
    return *type;
  }
};

dvp_writer *dvp_make_writer(size_t capacity) { return new dvp_writer(capacity); }

void dvp_free_writer(dvp_writer *writer) { delete writer; }

dvp_reference dvp_write_text(dvp_writer *writer, const char *text, size_t count) {
  return writer->builder.CreateString(text, count).o;
}

dvp_reference dvp_write_items(dvp_writer *writer, const char *type, const char *name,
                              const void *items, size_t count, size_t size) {
  const Field &field = findField(findType(type), name, Kind::items);
  if (field.item->size != size) reportMistake("elements of `%s` are of another size.", name);
  return field.item->write(writer->builder, items, count);
}

dvp_reference dvp_write_tables(dvp_writer *writer, const dvp_reference *tables, size_t count) {
  std::vector<flatbuffers::Offset<flatbuffers::Table>> offsets(tables, tables + count);
  return writer->builder.CreateVector(offsets).o;
}

void dvp_begin_table(dvp_writer *writer, const char *type) {
  writer->type = &findType(type);
  writer->start = writer->builder.StartTable();
}

void dvp_set_integer(dvp_writer *writer, const char *name, int64_t value) {
  const dvp_table_type &type = writer->openType();
  for (const Field &field : type.fields) {
    if (std::strcmp(field.name, name) != 0) continue;
    auto entry = vtableEntry(type, field);
    auto &builder = writer->builder;
    switch (byteCount(field.kind)) {
      case 1: return builder.AddElement<uint8_t>(entry, value != 0, 0);
      case 4:
        return builder.AddElement<int32_t>(entry, static_cast<int32_t>(value),
                                           static_cast<int32_t>(field.defaultValue));
      case 8: return builder.AddElement<int64_t>(entry, value, field.defaultValue);
      default: break;
    }
  }
  reportMistake("the table `%s` has no number `%s`.", type.name, name);
}

void dvp_set_reference(dvp_writer *writer, const char *name, dvp_reference value) {
  const dvp_table_type &type = writer->openType();
  for (const Field &field : type.fields) {
    if (std::strcmp(field.name, name) != 0 || byteCount(field.kind) > 0) continue;
    return writer->builder.AddOffset(vtableEntry(type, field),
                                     flatbuffers::Offset<void>(value));
  }
  reportMistake("the table `%s` has nothing to refer to by `%s`.", type.name, name);
}

dvp_reference dvp_end_table(dvp_writer *writer) {
  writer->type = nullptr;
  return writer->builder.EndTable(writer->start);
}

const uint8_t *dvp_finish(dvp_writer *writer, dvp_reference root, size_t *count) {
  writer->builder.Finish(flatbuffers::Offset<void>(root), identifier);
  *count = writer->builder.GetSize();
  uint8_t *bytes = writer->builder.GetBufferPointer();
  if (size_t place = findChecksum(bytes)) {
    int64_t checksum = makeChecksum(bytes, *count, place);
    std::memcpy(bytes + place, &checksum, sizeof checksum);
  }
  return bytes;
}
