// The tables of program files, from the smallest up to the program; `program.fbs` says what the
// fields mean.

#include "Tables.h"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>

namespace program_schema {

namespace {

template <typename Element>
dvp_reference writeVector(flatbuffers::FlatBufferBuilder &builder, const void *items,
                          size_t count) {
  builder.ForceVectorAlignment(count, sizeof(Element), alignof(Element));
  return builder.CreateVectorOfStructs(static_cast<const Element *>(items), count).o;
}

/// The image starts where wide loads like it, so that constants can stay in a mapped file.
dvp_reference writeBytes(flatbuffers::FlatBufferBuilder &builder, const void *items, size_t count) {
  builder.ForceVectorAlignment(count, 1, 16);
  return builder.CreateVector(static_cast<const uint8_t *>(items), count).o;
}

template <typename Number>
dvp_reference writeNumbers(flatbuffers::FlatBufferBuilder &builder, const void *items,
                           size_t count) {
  return builder.CreateVector(static_cast<const Number *>(items), count).o;
}

template <typename Element>
constexpr Item structs{sizeof(Element), alignof(Element), writeVector<Element>};

template <typename Number>
constexpr Item numbers{sizeof(Number), alignof(Number), writeNumbers<Number>};

constexpr Item bytes{1, 1, writeBytes};

constexpr Field boolean(const char *name) { return {name, Kind::boolean}; }
constexpr Field int32(const char *name, int32_t defaultValue = 0) {
  return {name, Kind::int32, defaultValue};
}
constexpr Field int64(const char *name, int64_t defaultValue = 0) {
  return {name, Kind::int64, defaultValue};
}
constexpr Field text(const char *name) { return {name, Kind::text}; }
constexpr Field items(const char *name, const Item &item) {
  return {name, Kind::items, 0, nullptr, &item};
}
constexpr Field table(const char *name, const dvp_table_type &type) {
  return {name, Kind::table, 0, &type};
}
constexpr Field tables(const char *name, const dvp_table_type &type) {
  return {name, Kind::tables, 0, &type};
}

// The sizes of structs are part of the format.
static_assert(sizeof(dovetail_span) == 24 && sizeof(dovetail_tile) == 40);
static_assert(sizeof(dovetail_window) == 24 && sizeof(dovetail_copy) == 48);
static_assert(sizeof(dovetail_load) == 88 && sizeof(dovetail_convolve) == 144);
static_assert(sizeof(dovetail_rescale) == 112 && sizeof(dovetail_pool) == 120);
static_assert(sizeof(dovetail_add) == 160 && sizeof(dovetail_softmax) == 72);
static_assert(sizeof(dvp_command) == 28);

constexpr dvp_table_type model{"Model", {text("name"), text("format"), text("sha256")}};

constexpr dvp_table_type target{"Target", {text("name"), text("sha256"), text("description"), text("choice")}};

constexpr dvp_table_type memory{
    "Memory", {text("name"), int64("byte_count"), int64("used_bytes"), int64("lower_bound")}};

constexpr dvp_table_type codeBook{"CodeBook", {items("bytes", bytes)}};

constexpr dvp_table_type source{"Source", {int64("index"), text("kind")}};

constexpr dvp_table_type tiling{
    "Tiling",
    {int64("height"), int64("width"), int64("depth"), int32("mode", -1), int64("input_depth"),
     int64("block_count"), boolean("stages_constants")}};

constexpr dvp_table_type layer{
    "Layer",
    {text("name"), text("kind"), tables("sources", source), int32("engine"), text("host_reason"),
     int64("macs"), int64("element_operations"), table("tiling", tiling)}};

constexpr dvp_table_type hostCall{
    "HostCall",
    {text("graph"), items("operands", structs<dovetail_span>),
     items("results", structs<dovetail_span>)}};

constexpr dvp_table_type tensorType{
    "TensorType",
    {text("element"), items("extents", numbers<int64_t>), int64("axis", -1),
     items("scales", numbers<float>), items("zero_points", numbers<int64_t>)}};

constexpr dvp_table_type binding{
    "Binding",
    {text("name"), int64("index", -1), table("type", tensorType), int32("memory"),
     int64("address"), int64("byte_count"), int32("layer", -1)}};

constexpr dvp_table_type allocation{
    "Allocation",
    {text("name"), int32("kind"), int32("memory"), int64("address"), int64("byte_count"),
     int32("first_layer"), int32("last_layer")}};

constexpr dvp_table_type state{"State", {boolean("is_known"), items("bytes", bytes)}};

constexpr dvp_table_type root{
    "Program",
    {int32("version"), text("name"), table("model", model), table("target", target),
     tables("memories", memory), items("image", bytes), tables("codes", codeBook),
     tables("layers", layer), items("commands", structs<dvp_command>),
     items("copies", structs<dovetail_copy>), items("loads", structs<dovetail_load>),
     items("convolutions", structs<dovetail_convolve>),
     items("rescalings", structs<dovetail_rescale>), items("poolings", structs<dovetail_pool>),
     items("additions", structs<dovetail_add>), items("softmaxes", structs<dovetail_softmax>),
     tables("calls", hostCall), tables("inputs", binding), tables("outputs", binding),
     tables("values", binding), tables("allocations", allocation), tables("eliminated", source),
     tables("states", state), boolean("has_elided_constants"), int64("checksum", -1)}};

constexpr const dvp_table_type *all[] = {&model,    &target,     &memory,  &codeBook,   &source,
                                         &tiling,   &layer,      &hostCall, &tensorType, &binding,
                                         &allocation, &state, &root};

const dvp_table_type *findKnownType(const char *name) {
  for (const dvp_table_type *type : all) {
    if (std::strcmp(type->name, name) == 0) return type;
  }
  return nullptr;
}

}  // namespace

const dvp_table_type &program = root;

void reportMistake(const char *format, ...) {
  std::fputs("ProgramSchema: ", stderr);
  va_list arguments;
  va_start(arguments, format);
  std::vfprintf(stderr, format, arguments);
  va_end(arguments);
  std::fputc('\n', stderr);
  std::abort();
}

const dvp_table_type &findType(const char *name) {
  const dvp_table_type *type = findKnownType(name);
  if (type == nullptr) reportMistake("there is no table `%s`.", name);
  return *type;
}

const Field &findField(const dvp_table_type &type, const char *name, Kind kind, Kind other) {
  for (const Field &field : type.fields) {
    if (std::strcmp(field.name, name) != 0) continue;
    if (field.kind == kind || field.kind == other) return field;
    reportMistake("the field `%s` of the table `%s` is not what it is used as.", name, type.name);
  }
  reportMistake("the table `%s` has no field `%s`.", type.name, name);
}

flatbuffers::voffset_t vtableEntry(const dvp_table_type &type, const Field &field) {
  auto slot = static_cast<size_t>(&field - type.fields.begin());
  return static_cast<flatbuffers::voffset_t>((slot + 2) * sizeof(flatbuffers::voffset_t));
}

}  // namespace program_schema

const char *dvp_field_name(const char *type, size_t index) {
  const dvp_table_type *found = program_schema::findKnownType(type);
  if (found == nullptr || index >= found->fields.size()) return nullptr;
  return found->fields.begin()[index].name;
}
