#include "Lookup.h"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>

#include "FlatBuffer.h"

namespace tflite_schema {

void reportMistake(const char *format, ...) {
  std::fputs("TFLiteSchema: ", stderr);
  va_list arguments;
  va_start(arguments, format);
  std::vfprintf(stderr, format, arguments);
  va_end(arguments);
  std::fputc('\n', stderr);
  std::abort();
}

const Field &findField(tflite_table table, const char *name) {
  if (table.schema == nullptr) {
    reportMistake("asked for the field `%s` of an absent table.", name);
  }
  for (const Field &field : table.schema->fields) {
    if (field.kind != Kind::retired && std::strcmp(field.name, name) == 0) return field;
  }
  reportMistake("the table `%s` has no field `%s`.", table.schema->name, name);
}

FieldView findInFile(tflite_table table, const char *name) {
  const Field &field = findField(table, name);
  if (table.data == nullptr) {
    reportMistake("read the field `%s` of an absent table `%s`.", name, table.schema->name);
  }
  auto slot = static_cast<size_t>(&field - table.schema->fields.begin());
  return {field, slot, fieldPosition(table.data, slot)};
}

void requireForm(tflite_table table, const Field &field, bool isAsAsked, const char *asked) {
  if (!isAsAsked) {
    reportMistake("the field `%s` of the table `%s` is not %s.", field.name, table.schema->name,
                  asked);
  }
}

}  // namespace tflite_schema
