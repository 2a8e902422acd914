// Writes TFLite model files (FlatBuffers with the identifier `TFL3`), driven by the same list of
// the schema's tables and fields as the accessors that read them: a file is first a tree of drafts,
// whose fields are set by the names that the schema gives them.
//
//     tflite_draft *model = tflite_make_model();
//     tflite_draft *subgraph = tflite_append(model, "subgraphs");
//     tflite_set_text(subgraph, "name", "main", 4);
//     …
//     const uint8_t *bytes = tflite_finish(model, &count);
//     … tflite_free_model(model);
//
// The same drafts give the same bytes. Asking a table for a field it does not have, or setting one
// to what it is not, is a mistake of the program: it prints a sentence and aborts.
#ifndef TFLITE_WRITER_H
#define TFLITE_WRITER_H

#include <stddef.h>
#include <stdint.h>

#if defined(__clang__)
#define TFLITE_OPTIONAL _Nullable
#pragma clang assume_nonnull begin
#else
#define TFLITE_OPTIONAL
#endif

#ifdef __cplusplus
extern "C" {
#endif

/// A table of a file to be, with those that it refers to.
typedef struct tflite_draft tflite_draft;

/// An empty table `Model`, to be given back to `tflite_free_model`.
tflite_draft *tflite_make_model(void);

/// Frees a model with all its tables, and the bytes that were made of it.
void tflite_free_model(tflite_draft *model);

/// Sets a field that holds an integer or a truth value.
void tflite_set_int(tflite_draft *table, const char *field, int64_t value);

/// Sets a field that holds a real number.
void tflite_set_float(tflite_draft *table, const char *field, double value);

/// Sets a field whose values have names, such as `padding` to `SAME`.
void tflite_set_name(tflite_draft *table, const char *field, const char *value);

/// Sets a field that holds a string, to `count` bytes.
void tflite_set_text(tflite_draft *table, const char *field, const char *text, size_t count);

/// Sets a field that holds a vector of integers or truth values.
void tflite_set_ints(tflite_draft *table, const char *field, const int64_t *TFLITE_OPTIONAL values,
                     size_t count);

/// Sets a field that holds a vector of real numbers.
void tflite_set_floats(tflite_draft *table, const char *field, const float *TFLITE_OPTIONAL values,
                       size_t count);

/// Sets a field that holds a vector of bytes, which stand in the file at an address that 16
/// divides. They are not copied: they must stay where they are until `tflite_finish`.
void tflite_set_bytes(tflite_draft *table, const char *field, const uint8_t *TFLITE_OPTIONAL bytes,
                      size_t count);

/// Sets a field to an empty table, and gives that. `type` is the table's name where the field can
/// hold several types, as `builtin_options` does, and otherwise of no meaning.
tflite_draft *tflite_set_table(tflite_draft *table, const char *field,
                               const char *TFLITE_OPTIONAL type);

/// Adds an empty table to a vector of tables, and gives that.
tflite_draft *tflite_append(tflite_draft *table, const char *field);

/// Sets both fields in which a table `OperatorCode` says which built-in operator it stands for,
/// such as `CONV_2D`; older readers know one of them only, which ends at 127.
void tflite_set_operator(tflite_draft *operator_code, const char *name);

/// The bytes of the file, which live as long as the model does; NULL if there would be more than a
/// FlatBuffer can have, 2 GiB.
const uint8_t *TFLITE_OPTIONAL tflite_finish(tflite_draft *model, size_t *count);

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
