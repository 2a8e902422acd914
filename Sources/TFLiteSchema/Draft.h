// A file to be, as a tree of tables.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <memory>
#include <string>
#include <vector>

#include "Schema.h"
#include "include/TFLiteWriter.h"

namespace tflite_schema {

/// What one field of a draft holds; which of the members counts, the field's kind tells.
struct Content {
  const Field *field = nullptr;
  int64_t integer = 0;
  float real = 0;
  /// The characters of a string, or the elements of a vector of scalars as they stand in the file.
  std::string bytes;
  /// The bytes of a vector that belongs to the caller, or null.
  const uint8_t *borrowed = nullptr;
  size_t borrowedCount = 0;
  /// A table, or those of a vector.
  std::vector<std::unique_ptr<tflite_draft>> tables;
};

}  // namespace tflite_schema

/// A table of a file to be.
struct tflite_draft {
  const tflite_schema::Table *schema;
  /// The fields that were set, in the order in which that was done.
  std::vector<tflite_schema::Content> contents;
  /// Of a model, what holds the file's bytes once it is finished.
  std::unique_ptr<flatbuffers::FlatBufferBuilder> file;

  explicit tflite_draft(const tflite_schema::Table &schema) : schema(&schema) {}
};

namespace tflite_schema {

/// More bytes than the file of a draft will have, those of its tables included.
uint64_t sizeBound(const tflite_draft &draft);

/// Writes what a draft refers to, and then its table.
flatbuffers::Offset<flatbuffers::Table> write(const tflite_draft &draft,
                                              flatbuffers::FlatBufferBuilder &builder);

}  // namespace tflite_schema
