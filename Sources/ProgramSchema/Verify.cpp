// Walks a file along the lists and checks every offset before anything reads it.

#include <algorithm>
#include <cstdio>

#include "Tables.h"

namespace program_schema {

namespace {

/// How deep tables may nest; the lists themselves go to 3.
constexpr size_t maximumDepth = 8;

/// The limit of FlatBuffers; it bounds the time that a file of shared tables can take.
constexpr flatbuffers::uoffset_t maximumTables = 1'000'000;

/// How many times the size of the file its parts may add up to, each counted as often as the file
/// refers to it: a file in which every table refers to one long text would make its readers' work
/// grow as the square of its size.
constexpr size_t maximumRepetition = 16;

/// One verification of one file.
class FileVerifier {
 public:
  FileVerifier(const uint8_t *bytes, size_t count)
      : bytes_(bytes), count_(count), verifier_(bytes, count, maximumDepth, maximumTables) {}

  /// The root table, if it can be read, with all the fields that it has in it.
  const uint8_t *verifyRoot() {
    auto offset = verifier_.VerifyOffset(0);
    return offset != 0 && verifier_.VerifyTableStart(bytes_ + offset) ? bytes_ + offset : nullptr;
  }

  bool verifyTable(const dvp_table_type &type, const uint8_t *table);

  /// Whether a number that is in the table itself lies within the file.
  bool verifyNumber(Kind kind, const uint8_t *position) {
    return verifier_.VerifyAlignment(place(position), byteCount(kind)) &&
           verifier_.Verify(place(position), byteCount(kind));
  }

  /// Writes the path to the field at which verification failed.
  void writePath(char *text, size_t capacity) const;

 private:
  bool verifyField(const Field &field, const uint8_t *position);
  bool verifyTables(const dvp_table_type &type, const uint8_t *vector);
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

bool FileVerifier::verifyTable(const dvp_table_type &type, const uint8_t *table) {
  if (!verifier_.VerifyTableStart(table)) return false;
  for (const Field &field : type.fields) {
    const uint8_t *position = findPosition(table, vtableEntry(type, field));
    if (position == nullptr) continue;
    path_[depth_++] = {field.name, false, 0};
    if (!verifyField(field, position)) return false;
    depth_--;
  }
  return verifier_.EndTable();
}

bool FileVerifier::verifyField(const Field &field, const uint8_t *position) {
  if (byteCount(field.kind) > 0) return verifyNumber(field.kind, position);
  if (verifier_.VerifyOffset(place(position)) == 0) return false;
  const uint8_t *content = followOffset(position);
  switch (field.kind) {
    case Kind::text:
      return verifier_.VerifyString(reinterpret_cast<const flatbuffers::String *>(content)) &&
             isWithinMeasure(elementCount(content));
    case Kind::items:
      return verifier_.VerifyVectorOrString(content, field.item->size) &&
             isWithinMeasure(elementCount(content) * field.item->size);
    case Kind::table: return verifyTable(*field.table, content);
    case Kind::tables: return verifyTables(*field.table, content);
    case Kind::boolean: case Kind::int32: case Kind::int64: break;
  }
  return false;
}

bool FileVerifier::verifyTables(const dvp_table_type &type, const uint8_t *vector) {
  constexpr size_t offsetSize = sizeof(flatbuffers::uoffset_t);
  if (!verifier_.VerifyVectorOrString(vector, offsetSize)) return false;
  size_t count = elementCount(vector);
  if (!isWithinMeasure(count * offsetSize)) return false;

  Step &step = path_[depth_ - 1];
  step.isElement = true;
  for (step.index = 0; step.index < count; step.index++) {
    const uint8_t *position = elements(vector) + step.index * offsetSize;
    if (verifier_.VerifyOffset(place(position)) == 0) return false;
    if (!verifyTable(type, followOffset(position))) return false;
  }
  return true;
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

/// Of a file that nothing is known of yet; 0 if there is none.
int32_t readVersion(const uint8_t *bytes, size_t count) {
  FileVerifier verifier(bytes, count);
  const uint8_t *table = verifier.verifyRoot();
  if (table == nullptr) return 0;
  const Field &field = findField(program, "version", Kind::int32);
  const uint8_t *position = findPosition(table, vtableEntry(program, field));
  bool isThere = position != nullptr && verifier.verifyNumber(Kind::int32, position);
  return isThere ? read<int32_t>(position) : 0;
}

}  // namespace

}  // namespace program_schema

bool dvp_is_program(const uint8_t *bytes, size_t count) {
  return count >= dvp_identifier_end &&
         std::memcmp(bytes + 4, program_schema::identifier, 4) == 0;
}

dvp_verification dvp_verify(const uint8_t *bytes, size_t count) {
  using namespace program_schema;
  dvp_verification result = {dvp_status_ok, 0, ""};
  if (!dvp_is_program(bytes, count)) {
    result.status = dvp_status_wrong_identifier;
    return result;
  }
  // FlatBuffers cannot address more.
  bool isTooLong = count >= FLATBUFFERS_MAX_BUFFER_SIZE;
  result.version = isTooLong ? 0 : readVersion(bytes, count);
  if (result.version > dvp_format_version) {
    result.status = dvp_status_newer;
    return result;
  }
  FileVerifier verifier(bytes, isTooLong ? 0 : count);
  const uint8_t *root = result.version < 1 ? nullptr : verifier.verifyRoot();
  // The root is counted twice, which does no harm.
  if (root == nullptr || !verifier.verifyTable(program, root)) {
    result.status = dvp_status_malformed;
    verifier.writePath(result.place, sizeof result.place);
  }
  return result;
}
