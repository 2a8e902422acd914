// Reads TFLite model files (.tflite, FlatBuffers with the identifier `TFL3`) in place, without
// generated code: a list of the schema's tables and fields drives one verifier and one set of
// accessors, and fields are read by the names the schema gives them.
//
//     tflite_verification verification = tflite_verify(bytes, count);
//     if (verification.status != tflite_status_ok) { … verification.place … }
//     tflite_table model = tflite_model(bytes);
//     for (size_t i = 0; i < tflite_count(model, "subgraphs"); i++) {
//       tflite_table subgraph = tflite_element(model, "subgraphs", i);
//
// The verifier guarantees that every accessor stays inside the file and that strings, vectors and
// tables are where the file says. It does not check what they mean: that an index is less than the
// count of what it points into, or that a shape is sensible, is for the caller to check.
//
// Asking a table for a field it does not have, for a field as something it is not, or beyond the
// end of a vector, and reading an absent table, are mistakes of the program, not of the file: they
// print a sentence and abort.
//
// Hosts must be little-endian, as TFLite files are.
#ifndef TFLITE_SCHEMA_H
#define TFLITE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "TFLiteWriter.h"

#if defined(__clang__)
#define TFLITE_NULLABLE _Nullable
#define TFLITE_CLOSED_ENUM __attribute__((enum_extensibility(closed)))
#pragma clang assume_nonnull begin
#else
#define TFLITE_NULLABLE
#define TFLITE_CLOSED_ENUM
#endif

#ifdef __cplusplus
extern "C" {
#endif

// MARK: Verifying

/// What `tflite_verify` found.
typedef enum TFLITE_CLOSED_ENUM {
  /// The file can be read.
  tflite_status_ok,
  /// The file is shorter than the 8 bytes in which a FlatBuffer says what it is.
  tflite_status_too_short,
  /// The file is not a TFLite model: bytes 4 to 7 are not `TFL3`.
  tflite_status_wrong_identifier,
  /// Something in the file lies outside it, is misaligned, or repeats itself without measure.
  tflite_status_malformed
} tflite_status;

/// The result of `tflite_verify`.
typedef struct {
  tflite_status status;
  /// Ends with a zero byte. For a malformed file, the path to where verification failed, such as
  /// `subgraphs[0].operators[3].inputs`, or empty for the root table itself; for a wrong
  /// identifier, the identifier found, with unprintable bytes as `\x1F`; empty otherwise.
  char place[128];
} tflite_verification;

/// Verifies a whole file: before this has said `tflite_status_ok`, nothing else may read the bytes.
///
/// `bytes` must be aligned to 16 bytes, as memory from `malloc` and `mmap` is, and must neither
/// move nor change while tables of it are in use.
///
/// Takes time in proportion to the number of tables in the file, at most a million as in TFLite.
/// The strings and vectors that can be reached, each counted as often as the file refers to it, may
/// add up to 16 times the size of the file, so that reading all of them is bounded too.
tflite_verification tflite_verify(const uint8_t *bytes, size_t count);

// MARK: Tables

/// A table in a verified file. It is a view: it owns nothing and is valid as long as the bytes are.
typedef struct {
  /// Where the table stands, or NULL if it is absent.
  const uint8_t *TFLITE_NULLABLE data;
  /// Its type; NULL only for an absent member of a union.
  const struct tflite_table_schema *TFLITE_NULLABLE schema;
} tflite_table;

/// The root table `Model` of a verified file.
tflite_table tflite_model(const uint8_t *bytes);

/// The number of fields that the table's type has, whether or not the file has them.
size_t tflite_field_count(tflite_table table);

/// The name of a field of the table's type, `index` counting from 0 in the order of the schema.
const char *tflite_field_name(tflite_table table, size_t index);

/// What a field holds, or what each element holds if it is a vector.
typedef enum TFLITE_CLOSED_ENUM {
  /// Read with `tflite_int` (as 0 or 1) or `tflite_int_element`.
  tflite_kind_boolean,
  /// Read with `tflite_int` or `tflite_int_element`.
  tflite_kind_integer,
  /// Read with `tflite_float` or `tflite_float_element`.
  tflite_kind_real,
  /// Read with `tflite_string`.
  tflite_kind_string,
  /// Read with `tflite_child` or `tflite_element`.
  tflite_kind_table
} tflite_kind;

/// What a field holds.
tflite_kind tflite_field_kind(tflite_table table, const char *field);

/// Whether a field holds any number of elements instead of one value.
bool tflite_is_vector(tflite_table table, const char *field);

// MARK: Fields of one value

/// Whether the file has the field. Writers leave out fields that hold their default value.
bool tflite_has(tflite_table table, const char *field);

/// An integer or boolean field, or its default value if the file does not have it. The upper half
/// of unsigned numbers of 64 bits appears negative; sizes and offsets within the file never reach
/// it.
int64_t tflite_int(tflite_table table, const char *field);

/// A real field, or its default value if the file does not have it.
double tflite_float(tflite_table table, const char *field);

/// The bytes of a string field and their number, or NULL and 0 if the file does not have it. A zero
/// byte follows, but there may be others inside, and nothing promises valid UTF-8.
const char *TFLITE_NULLABLE tflite_string(tflite_table table, const char *field, size_t *count);

/// The table in a field. Its `data` is NULL if the file does not have it, or if it is the member of
/// a union (such as `builtin_options`) of a type that came to the schema after our list was
/// written.
tflite_table tflite_child(tflite_table table, const char *field);

// MARK: Vectors

/// The number of elements of a vector, 0 if the file does not have it.
size_t tflite_count(tflite_table table, const char *field);

/// An element of a vector of tables.
tflite_table tflite_element(tflite_table table, const char *field, size_t index);

/// An element of a vector of integers or booleans.
int64_t tflite_int_element(tflite_table table, const char *field, size_t index);

/// An element of a vector of real numbers.
double tflite_float_element(tflite_table table, const char *field, size_t index);

// MARK: Meanings

/// The name of a built-in operator, such as `CONV_2D` for 3; NULL if unknown.
const char *TFLITE_NULLABLE tflite_operator_name(int32_t code);

/// The name of an element type of tensors, such as `INT8` for 9; NULL if unknown.
const char *TFLITE_NULLABLE tflite_tensor_type_name(int32_t code);

/// The built-in operator that a table `OperatorCode` stands for. Files older than operator 127 have
/// it in `deprecated_builtin_code` alone; newer files have it in `builtin_code`, and in the other
/// as far as it fits.
int32_t tflite_operator_code(tflite_table operator_code);

/// The contents of a table `Buffer` of the file at `bytes`, and their number: in the table, or
/// after the FlatBuffer in files beyond 2 GiB, there at any alignment. The number is 0, and the
/// address may be NULL, if there are none.
const uint8_t *TFLITE_NULLABLE tflite_buffer_bytes(const uint8_t *bytes, tflite_table buffer,
                                                   size_t *count);

/// The custom options of a table `Operator` of the file at `bytes`, and their number, as
/// `tflite_buffer_bytes` gives contents.
const uint8_t *TFLITE_NULLABLE tflite_custom_options(const uint8_t *bytes, tflite_table operation,
                                                     size_t *count);

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
