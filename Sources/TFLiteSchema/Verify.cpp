// Walks a file along the schema and checks every offset before anything reads it.

#include <algorithm>
#include <cstdio>

#include "FlatBuffer.h"
#include "Schema.h"

namespace tflite_schema {

namespace {

/// How deep tables may nest; the schema itself allows only half of it.
constexpr size_t maximumDepth = 16;

/// The limit of FlatBuffers and TFLite; it bounds the time a file of shared tables can take.
constexpr flatbuffers::uoffset_t maximumTables = 1'000'000;

/// How many times the size of the file its parts may add up to, each counted as often as the file
/// refers to it. A file without shared parts needs 1; a few shared parts are fair; a file in which
/// every tensor refers to one long shape would make its readers' work grow as the square of its
/// size.
constexpr size_t maximumRepetition = 16;

/// One verification of one file.
class FileVerifier {
 public:
  FileVerifier(const uint8_t *bytes, size_t count)
      : bytes_(bytes),
        count_(count),
        // What lies beyond the 2 GiB that FlatBuffers can address is bytes of buffers only.
        verifier_(bytes, std::min<size_t>(count, FLATBUFFERS_MAX_BUFFER_SIZE - 1), maximumDepth,
                  maximumTables) {}

  /// Verifies the root table and all that can be reached from it.
  bool verifyModel() {
    auto offset = verifier_.VerifyOffset(0);
    return offset != 0 && verifyTable(model, bytes_ + offset);
  }

  /// Writes the path to the field at which verification failed.
  void writePath(char *text, size_t capacity) const;

 private:
  bool verifyTable(const Table &schema, const uint8_t *table);
  bool verifyField(const Field &field, const uint8_t *table, size_t slot);
  bool verifyScalar(Kind kind, const uint8_t *position);
  bool verifyString(const uint8_t *string);
  bool verifyScalars(Kind kind, const uint8_t *vector);
  bool verifyTables(const Table &schema, const uint8_t *vector);
  bool verifyRange(uint64_t size, const uint8_t *table, size_t slot) const;
  bool isWithinMeasure(size_t byteCount);
  size_t place(const uint8_t *position) const { return static_cast<size_t>(position - bytes_); }

  struct Step {
    const char *field;
    bool isElement;
    size_t index;
  };

  const uint8_t *bytes_;
  size_t count_;
  flatbuffers::Verifier verifier_;
  uint64_t bytesReached_ = 0;
  // One step for each table we are in; a failure leaves it as it is for `writePath`.
  Step path_[maximumDepth] = {};
  size_t depth_ = 0;
};

bool FileVerifier::verifyTable(const Table &schema, const uint8_t *table) {
  if (!verifier_.VerifyTableStart(table)) return false;
  size_t slot = 0;
  for (const Field &field : schema.fields) {
    if (field.kind != Kind::retired && fieldPosition(table, slot) != nullptr) {
      path_[depth_++] = {field.name, false, 0};
      if (!verifyField(field, table, slot)) return false;
      depth_--;
    }
    slot++;
  }
  return verifier_.EndTable();
}

bool FileVerifier::verifyField(const Field &field, const uint8_t *table, size_t slot) {
  const uint8_t *position = fieldPosition(table, slot);
  if (!field.isVector && byteCount(field.kind) > 0) {
    return verifyScalar(field.kind, position) &&
           (!field.isRangeSize || verifyRange(read<uint64_t>(position), table, slot));
  }

  if (verifier_.VerifyOffset(place(position)) == 0) return false;
  const uint8_t *target = followOffset(position);
  if (field.kind == Kind::string) return verifyString(target);
  if (field.isVector && field.table != nullptr) return verifyTables(*field.table, target);
  if (field.isVector) return verifyScalars(field.kind, target);
  if (field.kind == Kind::table) return verifyTable(*field.table, target);

  // The field before a union holds its type and has been verified. We cannot check what we do not
  // know; `tflite_child` does not follow it either.
  const uint8_t *typeID = fieldPosition(table, slot - 1);
  const Table *member = typeID == nullptr ? nullptr : field.members->member(*typeID);
  return member == nullptr || verifyTable(*member, target);
}

bool FileVerifier::verifyScalar(Kind kind, const uint8_t *position) {
  size_t size = byteCount(kind);
  return verifier_.VerifyAlignment(place(position), size) &&
         verifier_.Verify(place(position), size);
}

bool FileVerifier::verifyString(const uint8_t *string) {
  return verifier_.VerifyString(reinterpret_cast<const flatbuffers::String *>(string)) &&
         isWithinMeasure(elementCount(string));
}

bool FileVerifier::verifyScalars(Kind kind, const uint8_t *vector) {
  return verifier_.VerifyVectorOrString(vector, byteCount(kind)) &&
         isWithinMeasure(elementCount(vector) * byteCount(kind));
}

bool FileVerifier::verifyTables(const Table &schema, const uint8_t *vector) {
  constexpr size_t offsetSize = sizeof(flatbuffers::uoffset_t);
  if (!verifier_.VerifyVectorOrString(vector, offsetSize)) return false;
  size_t count = elementCount(vector);
  if (!isWithinMeasure(count * offsetSize)) return false;

  Step &step = path_[depth_ - 1];
  step.isElement = true;
  for (step.index = 0; step.index < count; step.index++) {
    const uint8_t *position = elements(vector) + step.index * offsetSize;
    if (verifier_.VerifyOffset(place(position)) == 0) return false;
    if (!verifyTable(schema, followOffset(position))) return false;
  }
  return true;
}

bool FileVerifier::verifyRange(uint64_t size, const uint8_t *table, size_t slot) const {
  const uint8_t *position = fieldPosition(table, slot - 1);
  uint64_t offset = position == nullptr ? 0 : read<uint64_t>(position);
  return offset <= largestPlaceholderOffset || (size <= count_ && offset <= count_ - size);
}

bool FileVerifier::isWithinMeasure(size_t byteCount) {
  bytesReached_ += byteCount;
  return bytesReached_ / maximumRepetition <= count_;
}

void FileVerifier::writePath(char *text, size_t capacity) const {
  size_t length = 0;
  for (size_t i = 0; i < depth_ && length < capacity; i++) {
    const Step &step = path_[i];
    const char *format = step.isElement ? "%s%s[%zu]" : "%s%s";
    int written = std::snprintf(text + length, capacity - length, format, i == 0 ? "" : ".",
                                step.field, step.index);
    length += static_cast<size_t>(std::max(written, 0));
  }
}

constexpr size_t identifierOffset = 4;
constexpr size_t identifierSize = 4;

/// Writes the identifier of the file so that it can be printed.
void writeIdentifier(const uint8_t *bytes, char *text, size_t capacity) {
  size_t length = 0;
  for (size_t i = 0; i < identifierSize; i++) {
    uint8_t byte = bytes[identifierOffset + i];
    const char *format = byte >= 0x20 && byte < 0x7F ? "%c" : "\\x%02X";
    int written = std::snprintf(text + length, capacity - length, format, byte);
    length += static_cast<size_t>(std::max(written, 0));
  }
}

}  // namespace

}  // namespace tflite_schema

tflite_verification tflite_verify(const uint8_t *bytes, size_t count) {
  using namespace tflite_schema;
  tflite_verification result = {tflite_status_ok, ""};
  if (count < identifierOffset + identifierSize) {
    result.status = tflite_status_too_short;
  } else if (std::memcmp(bytes + identifierOffset, "TFL3", identifierSize) != 0) {
    result.status = tflite_status_wrong_identifier;
    writeIdentifier(bytes, result.place, sizeof result.place);
  } else {
    FileVerifier verifier(bytes, count);
    if (!verifier.verifyModel()) {
      result.status = tflite_status_malformed;
      verifier.writePath(result.place, sizeof result.place);
    }
  }
  return result;
}
