// Sets the fields of tables that are to be written.

#include "Draft.h"

#include <algorithm>
#include <cstring>

#include "Lookup.h"

using namespace tflite_schema;

namespace {

bool isScalar(const Field &field) { return !field.isVector && byteCount(field.kind) > 0; }

bool isInteger(const Field &field) {
  return byteCount(field.kind) > 0 && field.kind != Kind::float32;
}

const Field &findField(tflite_draft *table, const char *name) {
  return tflite_schema::findField(tflite_table{nullptr, table->schema}, name);
}

/// Where a field's content is kept, which is empty unless the field was set before.
Content &contentOf(tflite_draft *table, const Field &field) {
  for (Content &content : table->contents) {
    if (content.field == &field) return content;
  }
  table->contents.emplace_back();
  table->contents.back().field = &field;
  return table->contents.back();
}

Content &contentOf(tflite_draft *table, const char *name, bool (*isAsAsked)(const Field &),
                   const char *asked) {
  const Field &field = findField(table, name);
  requireForm(tflite_table{nullptr, table->schema}, field, isAsAsked(field), asked);
  return contentOf(table, field);
}

int64_t valueNamed(const Enumeration &names, const char *value) {
  auto found = std::find_if(names.values.begin(), names.values.end(),
                            [&](const char *name) { return std::strcmp(name, value) == 0; });
  if (found == names.values.end()) reportMistake("`%s` has no value `%s`.", names.name, value);
  return found - names.values.begin();
}

int64_t memberNamed(const Union &types, const char *type) {
  for (const Table &member : types.members) {
    if (type != nullptr && std::strcmp(member.name, type) == 0) {
      return &member - types.members.begin();
    }
  }
  reportMistake("no table `%s` can stand there.", type == nullptr ? "" : type);
}

}  // namespace

tflite_draft *tflite_make_model() { return new tflite_draft(model); }

void tflite_free_model(tflite_draft *model) { delete model; }

void tflite_set_int(tflite_draft *table, const char *field, int64_t value) {
  auto isOne = [](const Field &field) { return isScalar(field) && isInteger(field); };
  contentOf(table, field, isOne, "an integer").integer = value;
}

void tflite_set_float(tflite_draft *table, const char *field, double value) {
  auto isReal = [](const Field &field) { return isScalar(field) && field.kind == Kind::float32; };
  contentOf(table, field, isReal, "a real number").real = static_cast<float>(value);
}

void tflite_set_name(tflite_draft *table, const char *field, const char *value) {
  auto isNamed = [](const Field &field) { return isScalar(field) && field.enumeration != nullptr; };
  Content &content = contentOf(table, field, isNamed, "one of names");
  content.integer = valueNamed(*content.field->enumeration, value);
}

void tflite_set_text(tflite_draft *table, const char *field, const char *text, size_t count) {
  auto isText = [](const Field &field) { return field.kind == Kind::string; };
  contentOf(table, field, isText, "a string").bytes.assign(text, count);
}

void tflite_set_ints(tflite_draft *table, const char *field, const int64_t *values, size_t count) {
  auto isList = [](const Field &field) { return field.isVector && isInteger(field); };
  Content &content = contentOf(table, field, isList, "a vector of integers");
  size_t size = byteCount(content.field->kind);
  content.bytes.clear();
  for (size_t index = 0; index < count; index++) {
    // Little-endian: the low bytes come first, whatever the width.
    content.bytes.append(reinterpret_cast<const char *>(&values[index]), size);
  }
}

void tflite_set_floats(tflite_draft *table, const char *field, const float *values, size_t count) {
  auto isList = [](const Field &field) { return field.isVector && field.kind == Kind::float32; };
  Content &content = contentOf(table, field, isList, "a vector of real numbers");
  content.bytes.assign(reinterpret_cast<const char *>(values), count * sizeof(float));
}

void tflite_set_bytes(tflite_draft *table, const char *field, const uint8_t *bytes, size_t count) {
  auto isBytes = [](const Field &field) { return field.isVector && field.kind == Kind::uint8; };
  Content &content = contentOf(table, field, isBytes, "a vector of bytes");
  content.borrowed = bytes;
  content.borrowedCount = count;
}

tflite_draft *tflite_set_table(tflite_draft *table, const char *field, const char *type) {
  const Field &found = findField(table, field);
  const Table *schema = found.table;
  if (found.kind == Kind::oneOf) {
    int64_t id = memberNamed(*found.members, type);
    // The field in front of a `oneOf` says which it is.
    contentOf(table, *(&found - 1)).integer = id;
    schema = found.members->members.begin() + id;
  }
  requireForm(tflite_table{nullptr, table->schema}, found, !found.isVector && schema != nullptr,
              "a table");
  Content &content = contentOf(table, found);
  content.tables.clear();
  content.tables.push_back(std::make_unique<tflite_draft>(*schema));
  return content.tables.back().get();
}

tflite_draft *tflite_append(tflite_draft *table, const char *field) {
  auto isList = [](const Field &field) { return field.isVector && field.kind == Kind::table; };
  Content &content = contentOf(table, field, isList, "a vector of tables");
  content.tables.push_back(std::make_unique<tflite_draft>(*content.field->table));
  return content.tables.back().get();
}

void tflite_set_operator(tflite_draft *operator_code, const char *name) {
  int64_t code = valueNamed(builtinOperator, name);
  tflite_set_int(operator_code, "deprecated_builtin_code", std::min<int64_t>(code, INT8_MAX));
  tflite_set_int(operator_code, "builtin_code", code);
}

const uint8_t *tflite_finish(tflite_draft *model, size_t *count) {
  *count = 0;
  uint64_t bound = sizeBound(*model);
  if (bound >= FLATBUFFERS_MAX_BUFFER_SIZE) return nullptr;
  model->file = std::make_unique<flatbuffers::FlatBufferBuilder>(static_cast<size_t>(bound));
  model->file->Finish(write(*model, *model->file), "TFL3");
  *count = model->file->GetSize();
  return model->file->GetBufferPointer();
}
