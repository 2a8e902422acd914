// Finds the field of a table by its name, and holds the program to what the schema has.
#pragma once

#include "Schema.h"

namespace tflite_schema {

/// Prints a sentence and aborts: the program asked for something that no file can give it.
[[noreturn]] void reportMistake(const char *format, ...) __attribute__((format(printf, 1, 2)));

/// A field as the schema describes it, and where a table has it.
struct FieldView {
  const Field &field;
  size_t slot;
  /// Where the field stands, or null if the file does not have it.
  const uint8_t *position;
};

/// Finds a field in the type of a table.
const Field &findField(tflite_table table, const char *name);

/// Finds a field in a table, which must be present.
FieldView findInFile(tflite_table table, const char *name);

/// Aborts unless the program asks for the field as what it is.
void requireForm(tflite_table table, const Field &field, bool isAsAsked, const char *asked);

}  // namespace tflite_schema
