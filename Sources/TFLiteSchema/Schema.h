// The lists of the schema. `model` is the root, from which every other table is reached.
//
// Source: the schema of LiteRT 2.3.0, which continues that of TensorFlow Lite
// (tensorflow/compiler/mlir/lite/schema/schema.fbs). Type ids, slots and values never change their
// meaning, so that one list reads files of every version 3 schema.
#pragma once

#include "FieldForms.h"
#include "include/TFLiteSchema.h"

namespace tflite_schema {

// The enumerations (Enumerations.cpp), by what their values name.
extern const Enumeration tensorType;
extern const Enumeration builtinOperator;
extern const Enumeration dimensionType;
extern const Enumeration padding;
extern const Enumeration activationFunction;
extern const Enumeration lshProjection;
extern const Enumeration weightsFormat;
extern const Enumeration lstmKernel;
extern const Enumeration combiner;
extern const Enumeration mirrorPadMode;
extern const Enumeration reduceWindowFunction;
extern const Enumeration customOptionsFormat;
extern const Enumeration precision;
extern const Enumeration comparisonDirection;
extern const Enumeration comparisonType;
extern const Enumeration randomAlgorithm;

/// What the operators of TFLite itself are configured by (OperatorOptions.cpp).
extern const Union builtinOptions;

/// What the StableHLO operators and other late additions are configured by (StableHLOOptions.cpp).
extern const Union builtinOptions2;

/// The root table of a file (ModelTables.cpp).
extern const Table model;

}  // namespace tflite_schema
