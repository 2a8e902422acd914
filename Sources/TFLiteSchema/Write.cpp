// Writes tables that were drafted: first all that a table refers to, as the format wants it, and
// then the table itself.

#include <cstring>

#include "Draft.h"
#include "FlatBuffer.h"
#include "Lookup.h"

namespace tflite_schema {

namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using flatbuffers::uoffset_t;

/// Memory from `mmap` is aligned to pages, so that readers find the elements aligned to this, too.
constexpr size_t bufferAlignment = 16;

template <typename Element>
uoffset_t writeElements(const std::string &bytes, FlatBufferBuilder &builder) {
  size_t count = bytes.size() / sizeof(Element);
  std::vector<Element> elements(count);
  if (count > 0) std::memcpy(elements.data(), bytes.data(), bytes.size());
  return builder.CreateVector(elements.data(), count).o;
}

/// A vector of scalars.
uoffset_t writeVector(const Content &content, FlatBufferBuilder &builder) {
  if (content.borrowedCount > 0) {
    builder.ForceVectorAlignment(content.borrowedCount, 1, bufferAlignment);
    return builder.CreateVector(content.borrowed, content.borrowedCount).o;
  }
  switch (byteCount(content.field->kind)) {
    case 1: return writeElements<uint8_t>(content.bytes, builder);
    case 2: return writeElements<uint16_t>(content.bytes, builder);
    case 4: return writeElements<uint32_t>(content.bytes, builder);
    default: return writeElements<uint64_t>(content.bytes, builder);
  }
}

uoffset_t writeTables(const Content &content, FlatBufferBuilder &builder) {
  std::vector<Offset<flatbuffers::Table>> tables;
  for (const auto &table : content.tables) tables.push_back(write(*table, builder));
  return content.field->isVector ? builder.CreateVector(tables).o : tables.front().o;
}

/// What a field refers to; 0 for a number, which stands in the table.
uoffset_t writeTarget(const Content &content, FlatBufferBuilder &builder) {
  const Field &field = *content.field;
  if (field.kind == Kind::table || field.kind == Kind::oneOf) return writeTables(content, builder);
  if (field.kind == Kind::string) {
    return builder.CreateString(content.bytes.data(), content.bytes.size()).o;
  }
  return field.isVector ? writeVector(content, builder) : 0;
}

template <typename Number>
void addNumber(const Content &content, flatbuffers::voffset_t entry, FlatBufferBuilder &builder) {
  builder.AddElement(entry, static_cast<Number>(content.integer),
                     static_cast<Number>(content.field->defaultValue));
}

void addScalar(const Content &content, flatbuffers::voffset_t entry, FlatBufferBuilder &builder) {
  // Every real field of the schema is 0 by default.
  if (content.field->kind == Kind::float32) return builder.AddElement(entry, content.real, 0.0f);
  switch (byteCount(content.field->kind)) {
    case 1: return addNumber<uint8_t>(content, entry, builder);
    case 2: return addNumber<uint16_t>(content, entry, builder);
    case 4: return addNumber<uint32_t>(content, entry, builder);
    default: return addNumber<uint64_t>(content, entry, builder);
  }
}

}  // namespace

uint64_t sizeBound(const tflite_draft &draft) {
  // Sizes and positions of a table and its fields, and what alignment may add to each.
  uint64_t bound = 64 + 2 * draft.schema->fields.size();
  for (const Content &content : draft.contents) {
    bound += 48 + content.bytes.size() + content.borrowedCount + 4 * content.tables.size();
    for (const auto &table : content.tables) bound += sizeBound(*table);
  }
  return bound;
}

Offset<flatbuffers::Table> write(const tflite_draft &draft, FlatBufferBuilder &builder) {
  std::vector<uoffset_t> targets;
  for (const Content &content : draft.contents) targets.push_back(writeTarget(content, builder));
  uoffset_t start = builder.StartTable();
  for (size_t index = 0; index < targets.size(); index++) {
    const Content &content = draft.contents[index];
    auto slot = static_cast<size_t>(content.field - draft.schema->fields.begin());
    // A vtable's first two entries are sizes.
    auto entry = static_cast<flatbuffers::voffset_t>((slot + 2) * sizeof(flatbuffers::voffset_t));
    if (targets[index] == 0) {
      addScalar(content, entry, builder);
    } else {
      builder.AddOffset(entry, Offset<void>(targets[index]));
    }
  }
  return Offset<flatbuffers::Table>(builder.EndTable(start));
}

}  // namespace tflite_schema
