#ifndef CKERNELS_H
#define CKERNELS_H

/// Inner loops of quantized and float neural networks on the CPU.
///
/// Integer kernels follow the TFLite reference kernels bit for bit (gemmlowp fixed point with
/// double rounding, 32-bit accumulators). Where those would overflow, arithmetic here wraps modulo
/// 2³², so no input value is undefined behaviour.
///
/// Every instruction set gives the same bits, float kernels included: a float sum runs in one
/// stated order, and each product is fused into it (`sum = fma(x, w, sum)`).
///
/// Conventions of all functions:
/// - Tensors are dense and row major; activations are [batches][height][width][channels] (NHWC).
/// - Zero points lie in the range of their tensor's type; others are reduced modulo 2⁸ or 2¹⁶ to
///   that.
/// - `row_begin ..< row_end` counts output rows over batches · output height, so that threads can
///   share one call by taking disjoint ranges. Results do not depend on how rows are divided.
/// - Positions outside the input's height and width count as the input's zero point (convolutions),
///   or are not part of the window (pooling).
/// - A call with an extent below 1 does nothing. All else must describe the memory that is passed.
/// - Packed weights that do not belong to a call's shapes, and scratch memory that cannot be had,
///   end the process.

#include "CKernelsTypes.h"
#include "CKernelsConvolution.h"
#include "CKernelsTiles.h"
#include "CKernelsQuantization.h"
#include "CKernelsArithmetic.h"
#include "CKernelsActivation.h"
#include "CKernelsPooling.h"
#include "CKernelsNormalization.h"
#include "CKernelsReduction.h"
#include "CKernelsResize.h"
#include "CKernelsMatrixProduct.h"
#include "CKernelsRecurrent.h"
#include "CKernelsSteps.h"
#include "CKernelsCalibration.h"
#include "CKernelsComparison.h"
#include "CKernelsLeastSquares.h"
#include "CKernelsSearch.h"
#include "dovetail_weights.h"

#endif
