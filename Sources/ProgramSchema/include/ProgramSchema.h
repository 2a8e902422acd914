// Reads and writes program files (.dvp, FlatBuffers with the identifier `DVTP`) without generated
// code: one list of tables and fields drives the verifier, the accessors and the writer, and fields
// are named as in `program.fbs`, which says what they mean.
//
//     dvp_verification verification = dvp_verify(bytes, count);
//     if (verification.status != dvp_status_ok) { … verification.place … }
//     dvp_table program = dvp_root(bytes);
//     for (size_t i = 0; i < dvp_count(program, "layers"); i++) {
//       dvp_table layer = dvp_element(program, "layers", i);
//
// The verifier guarantees that every accessor stays inside the file and that texts, vectors and
// tables are where the file says. What they mean is for the caller to check.
//
// Asking a table for a field it does not have, or for a field as something it is not, is a mistake
// of the program, not of the file: it prints a sentence and aborts.
//
// Hosts must be little-endian, as program files are.
#ifndef PROGRAM_SCHEMA_H
#define PROGRAM_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dovetail_commands.h"
#include "dovetail_device.h"

#if defined(__clang__)
#define DVP_NULLABLE _Nullable
#define DVP_CLOSED_ENUM __attribute__((enum_extensibility(closed)))
#pragma clang assume_nonnull begin
#else
#define DVP_NULLABLE
#define DVP_CLOSED_ENUM
#endif

#ifdef __cplusplus
extern "C" {
#endif

enum {
  /// The version of the format that is written here; older ones can be read.
  dvp_format_version = 1,
  /// The bytes in which a file says what it is.
  dvp_identifier_end = 8
};

/// Whether a file that starts with these bytes says that it is a program file.
bool dvp_is_program(const uint8_t *DVP_NULLABLE bytes, size_t count);

/// A command in the order of a program: what it is, and what it waits for. What it does stands in
/// the vector of its kind; the n-th command of a kind is element n there.
typedef struct {
  /// A `dovetail_kind`.
  int32_t kind;
  /// The index of the layer.
  int32_t layer;
  /// Of each engine (mover, reader, array, output stage, host) the index of the last command to
  /// wait for; −1 for none.
  int32_t after_mover, after_reader, after_array, after_output, after_host;
} dvp_command;

// MARK: Verifying

/// What `dvp_verify` found.
typedef enum DVP_CLOSED_ENUM {
  /// The file can be read.
  dvp_status_ok,
  /// The file is no program file: bytes 4 to 7 are not `DVTP`.
  dvp_status_wrong_identifier,
  /// Something in the file lies outside it, is misaligned, or repeats itself without measure.
  dvp_status_malformed,
  /// The file is of a later version of the format: `version` says which. Nothing else was looked
  /// at.
  dvp_status_newer
} dvp_status;

/// The result of `dvp_verify`.
typedef struct {
  dvp_status status;
  int32_t version;
  /// Ends with a zero byte. For a malformed file, the path to where verification failed, such as
  /// `layers[3].name`, or empty for the root table itself; empty otherwise.
  char place[128];
} dvp_verification;

/// Verifies a whole file: before this has said `dvp_status_ok`, nothing else may read the bytes.
///
/// `bytes` must be aligned to 16 bytes, as memory from `malloc` and `mmap` is, and must neither
/// move nor change while tables of it are in use.
///
/// Texts and vectors, each counted as often as the file refers to it, may add up to 16 times the
/// size of the file, so that reading all of them is bounded too.
dvp_verification dvp_verify(const uint8_t *DVP_NULLABLE bytes, size_t count);

/// Whether the bytes of a verified file are those that were written, as far as its checksum can tell;
/// also if the file has none.
bool dvp_has_its_checksum(const uint8_t *bytes, size_t count);

// MARK: Reading

/// A table in a verified file. It is a view: it owns nothing and is valid as long as the bytes are.
typedef struct {
  /// Where the table stands, or NULL if it is absent.
  const uint8_t *DVP_NULLABLE data;
  const struct dvp_table_type *type;
} dvp_table;

/// The root table `Program` of a verified file.
dvp_table dvp_root(const uint8_t *bytes);

/// An integer or truth value, or its default if the file does not have it.
int64_t dvp_integer(dvp_table table, const char *field);

/// The bytes of a text and their number, or NULL and 0 if the file does not have it. Nothing
/// promises valid UTF-8.
const char *DVP_NULLABLE dvp_text(dvp_table table, const char *field, size_t *count);

/// The table in a field; its `data` is NULL if the file does not have it.
dvp_table dvp_child(dvp_table table, const char *field);

/// The number of elements of a vector, 0 if the file does not have it.
size_t dvp_count(dvp_table table, const char *field);

/// An element of a vector of tables.
dvp_table dvp_element(dvp_table table, const char *field, size_t index);

/// The elements of a vector of numbers or structs, to be copied: they may be less aligned than they
/// ask for. NULL if the file does not have it.
///
/// - Parameter size: that of an element, to make sure that both sides mean the same.
const void *DVP_NULLABLE dvp_items(dvp_table table, const char *field, size_t size);

// MARK: Writing

/// A file in the making, from its end to its start: what is referred to is written before what
/// refers to it.
typedef struct dvp_writer dvp_writer;

/// A text, vector or table that was written.
typedef uint32_t dvp_reference;

/// An empty file, to be freed with `dvp_free_writer`.
///
/// - Parameter capacity: the size that is expected, so that bytes need not be moved as the file
/// grows.
///   Files of 2 GiB or more cannot be.
dvp_writer *dvp_make_writer(size_t capacity);

/// Also frees the bytes of the finished file.
void dvp_free_writer(dvp_writer *writer);

/// Writes a text of UTF-8.
dvp_reference dvp_write_text(dvp_writer *writer, const char *text, size_t count);

/// Writes the elements of a field that is a vector of numbers or structs.
///
/// - Parameters:
///   - type, field: what the elements are for, such as `Program` and `loads`.
///   - size: that of an element.
dvp_reference dvp_write_items(dvp_writer *writer, const char *type, const char *field,
                              const void *DVP_NULLABLE items, size_t count, size_t size);

/// Writes a vector of tables.
dvp_reference dvp_write_tables(dvp_writer *writer, const dvp_reference *DVP_NULLABLE tables,
                               size_t count);

/// Starts a table; nothing but its fields can be written until `dvp_end_table`.
void dvp_begin_table(dvp_writer *writer, const char *type);

/// Gives an integer or a truth value to a field of the table.
void dvp_set_integer(dvp_writer *writer, const char *field, int64_t value);

/// Gives a text, vector or table to a field of the table.
void dvp_set_reference(dvp_writer *writer, const char *field, dvp_reference value);

/// Ends a table.
dvp_reference dvp_end_table(dvp_writer *writer);

/// Ends the file with its root table and gives its bytes. The same calls give the same bytes.
const uint8_t *dvp_finish(dvp_writer *writer, dvp_reference root, size_t *count);

// MARK: The lists themselves

/// The name of a field, by the name of its table's type and its place there; NULL beyond the last.
const char *DVP_NULLABLE dvp_field_name(const char *type, size_t index);

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
