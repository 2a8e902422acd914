// The tables of a model file other than operator options, from what a tensor consists of up to the
// model itself.

#include "Schema.h"

namespace tflite_schema {

namespace {

constexpr Union quantizationDetails{{
    {"NONE", {}},
    {"CustomQuantization", {vectorOf("custom", Kind::uint8)}},
    {"BlockwiseQuantization",
      {int32("scales"),
       int32("zero_points"),
       int32("block_size"),
       vectorOf("block_shape", Kind::int32)}},
    {"MultiAxisQuantization",
      {int32("scales"),
       int32("zero_points"),
       int32("block_size"),
       vectorOf("quantized_dimensions", Kind::int32)}},
}};

constexpr Union sparseIndexVector{{
    {"NONE", {}},
    {"Int32Vector", {vectorOf("values", Kind::int32)}},
    {"Uint16Vector", {vectorOf("values", Kind::uint16)}},
    {"Uint8Vector", {vectorOf("values", Kind::uint8)}},
}};

constexpr Table quantizationParameters{"QuantizationParameters",
  {vectorOf("min", Kind::float32),
   vectorOf("max", Kind::float32),
   vectorOf("scale", Kind::float32),
   vectorOf("zero_point", Kind::int64),
   typeOf("details_type", quantizationDetails),
   oneOf("details", quantizationDetails),
   int32("quantized_dimension")}};

constexpr Table dimensionMetadata{"DimensionMetadata",
  {enumeration("format", dimensionType),
   int32("dense_size"),
   typeOf("array_segments_type", sparseIndexVector),
   oneOf("array_segments", sparseIndexVector),
   typeOf("array_indices_type", sparseIndexVector),
   oneOf("array_indices", sparseIndexVector)}};

constexpr Table sparsityParameters{"SparsityParameters",
  {vectorOf("traversal_order", Kind::int32),
   vectorOf("block_map", Kind::int32),
   tables("dim_metadata", dimensionMetadata)}};

constexpr Table variantSubType{"VariantSubType",
  {vectorOf("shape", Kind::int32),
   enumeration("type", tensorType),
   boolean("has_rank")}};

constexpr Table tensor{"Tensor",
  {vectorOf("shape", Kind::int32),
   enumeration("type", tensorType),
   uint32("buffer"),
   string("name"),
   table("quantization", quantizationParameters),
   boolean("is_variable"),
   table("sparsity", sparsityParameters),
   vectorOf("shape_signature", Kind::int32),
   boolean("has_rank"),
   tables("variant_tensors", variantSubType),
   uint32("external_buffer")}};

constexpr Table operatorCode{"OperatorCode",
  {enumeration("deprecated_builtin_code", builtinOperator),
   string("custom_code"),
   int32("version", 1),
   enumeration("builtin_code", builtinOperator, 0, Kind::int32)}};

constexpr Table operation{"Operator",
  {uint32("opcode_index"),
   vectorOf("inputs", Kind::int32),
   vectorOf("outputs", Kind::int32),
   typeOf("builtin_options_type", builtinOptions),
   oneOf("builtin_options", builtinOptions),
   vectorOf("custom_options", Kind::uint8),
   enumeration("custom_options_format", customOptionsFormat),
   vectorOf("mutating_variable_inputs", Kind::boolean),
   vectorOf("intermediates", Kind::int32),
   uint64("large_custom_options_offset"),
   rangeSize("large_custom_options_size"),
   typeOf("builtin_options_2_type", builtinOptions2),
   oneOf("builtin_options_2", builtinOptions2),
   int32("debug_metadata_index", -1)}};

constexpr Table subGraph{"SubGraph",
  {tables("tensors", tensor),
   vectorOf("inputs", Kind::int32),
   vectorOf("outputs", Kind::int32),
   tables("operators", operation),
   string("name"),
   int32("debug_metadata_index", -1)}};

constexpr Table buffer{"Buffer",
  {vectorOf("data", Kind::uint8),
   uint64("offset"),
   rangeSize("size")}};

constexpr Table externalBufferGroup{"ExternalBufferGroup", {string("name")}};

constexpr Table externalBuffer{"ExternalBuffer",
  {uint32("id"),
   uint32("group"),
   uint64("offset"),
   uint64("length"),
   string("packing")}};

constexpr Table metadata{"Metadata", {string("name"), uint32("buffer")}};

constexpr Table tensorMap{"TensorMap", {string("name"), uint32("tensor_index")}};

constexpr Table signatureDef{"SignatureDef",
  {tables("inputs", tensorMap),
   tables("outputs", tensorMap),
   string("signature_key"),
   retired(),
   uint32("subgraph_index")}};

}  // namespace

constexpr Table model{"Model",
  {uint32("version"),
   tables("operator_codes", operatorCode),
   tables("subgraphs", subGraph),
   string("description"),
   tables("buffers", buffer),
   vectorOf("metadata_buffer", Kind::int32),
   tables("metadata", metadata),
   tables("signature_defs", signatureDef),
   tables("external_buffer_groups", externalBufferGroup),
   tables("external_buffers", externalBuffer)}};

}  // namespace tflite_schema
