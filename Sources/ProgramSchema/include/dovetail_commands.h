// The commands of a compiled program, as a program file (.dvp) stores them and as a device gets
// them.
//
// Structs have the same layout on every machine: numbers are little-endian two's complement, every
// field is as far from the start as its size asks for, and what is left over is named `reserved`
// and is 0. None of them ever changes; what is new gets a struct of its own, and a new number.
//
// A program works on the memories of its target, byte by byte. *Signed form*: engines compute with
// signed bytes. Where an image holds unsigned ones, its bytes are changed by `x ^ 0x80` as they are
// read and written, and its zero point and bounds are less by 128.
#ifndef DOVETAIL_COMMANDS_H
#define DOVETAIL_COMMANDS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Consecutive bytes of a memory.
typedef struct {
  int64_t address;
  int64_t byte_count;
  /// The index of the memory.
  int32_t memory;
  int32_t reserved;
} dovetail_span;

/// A box of 8-bit elements within an image in memory. The element in `row`, `column` and `channel`
/// is at `address + row · row_stride + column · pixel_stride + channel`.
typedef struct {
  int64_t address;
  int64_t row_stride;
  int64_t pixel_stride;
  /// The index of the memory.
  int32_t memory;
  /// Elements; height or width may be 0.
  int32_t height, width, channels;
} dovetail_tile;

/// Height and width of a kernel, and how it moves.
///
/// The result in row y is computed from the input rows `y · stride + k · dilation` for
/// k = 0 ..< kernel; so are columns.
typedef struct {
  int32_t kernel_height, kernel_width;
  int32_t stride_height, stride_width;
  int32_t dilation_height, dilation_width;
} dovetail_window;

/// Copies bytes from one memory to another, or within one.
typedef struct {
  dovetail_span from;
  /// Of as many bytes; the two do not overlap.
  dovetail_span to;
} dovetail_copy;

/// Fills a dense block with a tile and with padding around it.
typedef struct {
  /// May be empty where the block lies in the padding alone.
  dovetail_tile tile;
  /// Dense `[pad_top + tile.height + pad_bottom, pad_left + tile.width + pad_right,
  /// tile.channels]`, in signed form.
  dovetail_span block;
  int32_t pad_top, pad_left, pad_bottom, pad_right;
  /// What is there around the tile, −128 ... 127.
  int32_t padding;
  /// 1 where the tile's bytes are unsigned.
  int32_t is_unsigned;
} dovetail_load;

/// How the array steps through kernel and channels.
typedef enum {
  /// One kernel element, many channels.
  dovetail_mode_depth_first = 0,
  /// Several kernel elements, few channels: another order, and the same sums.
  dovetail_mode_kernel_first = 1,
  /// Each channel by itself.
  dovetail_mode_depthwise = 2
} dovetail_mode;

/// Adds the products of a block and weights to accumulators of 32 bits, modulo 2³²:
///
///     accumulators[y, x, c] += Σ (input[y · stride + i · dilation, x · stride + j · dilation, d]
///                                 − input_zero_point) · (weights[c, i, j, d] − weight_zero_point)
///
/// over all i, j and d; depthwise over i and j, with c in place of d, and weights `[i, j, c]`.
typedef struct {
  /// Dense `[input_height, input_width, input_depth]`, in signed form.
  dovetail_span input;
  /// Dense `[depth, kernel height, kernel width, input_depth]`, depthwise `[kernel height,
  /// kernel width, depth]`, in signed form; or, with a code, a stream of so many weights.
  dovetail_span weights;
  /// Dense `[height, width, depth]`, at a multiple of 4.
  dovetail_span accumulators;
  dovetail_window window;
  int32_t input_height, input_width, input_depth;
  int32_t height, width, depth;
  int32_t input_zero_point, weight_zero_point;
  /// The index of the code book that decodes the weights; −1 where they are stored as they are.
  int32_t code;
  /// A `dovetail_mode`.
  int32_t mode;
  /// 1 where the accumulators start from 0, whatever is there.
  int32_t is_first;
  int32_t reserved;
} dovetail_convolve;

/// How products with factors are rounded.
typedef enum {
  /// Twice, in fixed point. Parameters of a channel are of 10 bytes: a bias of 40 bits, a
  /// multiplier m of 32, a shift s of 8. With x = accumulator + bias modulo 2³²:
  ///
  ///     h = floor((x · 2^max(s, 0) · m + 2³⁰) / 2³¹), halves up; −2³¹ · −2³¹ gives 2³¹ − 1
  ///     y = h / 2^max(−s, 0), halves away from 0
  dovetail_rounding_fixed_point = 0,
  /// Once. Parameters are of 13 bytes: a bias of 40 bits and a factor f in double precision.
  /// y = x · f, halves away from 0.
  dovetail_rounding_real = 1,
  /// Once. Parameters are of 9 bytes: a bias of 40 bits and a factor f in single precision.
  /// y = float(x) · f in single precision, halves to even.
  dovetail_rounding_single = 2
} dovetail_rounding;

/// Makes bytes of accumulators: `result = clamp(y + zero_point)`, see `dovetail_rounding` for y.
/// Sums saturate; they do not wrap.
typedef struct {
  /// Dense `[result.height, result.width, result.channels]`, of 32 bits, at a multiple of 4.
  dovetail_span accumulators;
  /// Those of each channel, one behind the other, at any address.
  dovetail_span parameters;
  dovetail_tile result;
  /// A `dovetail_rounding`.
  int32_t rounding;
  /// Of the result's signed form, as are the bounds.
  int32_t zero_point, clamp_lower, clamp_upper;
  /// 1 where the bounds are those of an activation: it may cost more, and changes nothing else.
  int32_t has_activation;
  /// 1 where the result's bytes are to be unsigned.
  int32_t is_unsigned;
} dovetail_rescale;

/// Pools the windows of a block. Elements of a window that lie outside of the block do not count.
typedef struct {
  /// Dense `[input_height, input_width, result.channels]`, in signed form.
  dovetail_span input;
  dovetail_tile result;
  dovetail_window window;
  int32_t input_height, input_width;
  /// Rows and columns before the input that the first window covers.
  int32_t pad_top, pad_left;
  /// 1: the largest element counts, −128 if there is none. 0: their mean, halves away from 0, 0 if
  /// there is none; of unsigned bytes the mean of what they are as unsigned numbers.
  int32_t is_maximum;
  /// Bounds of the result's signed form.
  int32_t clamp_lower, clamp_upper;
  /// 1 where operand and result are of unsigned bytes.
  int32_t is_unsigned;
} dovetail_pool;

/// Adds two dense blocks of the result's shape, all in signed form.
///
/// With `scaled(v, m, s)` as in `dovetail_rounding_fixed_point` for x = v:
///
///     a' = scaled((a − a_zero_point) · 2^left_shift, a_multiplier, a_shift), so b'
///     result = clamp(scaled(a' + b', output_multiplier, output_shift) + output_zero_point)
///
/// or, if `is_single`, in single precision with fused products and halves to even:
///
///     result = clamp(round((a + origin) · a_factor + ((b + origin) · b_factor + offset)) − origin)
typedef struct {
  dovetail_span first, second;
  dovetail_tile result;
  int32_t a_zero_point, a_multiplier, a_shift;
  int32_t b_zero_point, b_multiplier, b_shift;
  /// 0 ... 31.
  int32_t left_shift;
  int32_t output_zero_point, output_multiplier, output_shift;
  int32_t clamp_lower, clamp_upper;
  int32_t is_single;
  float a_factor, b_factor, offset;
  /// 0, or 128 for bytes that are unsigned in the model.
  int32_t origin;
  /// 1 where the result's bytes are to be unsigned.
  int32_t is_unsigned;
} dovetail_add;

/// Softmax of each row of a matrix of bytes, in steps of 1/256 from −128 on, in the fixed-point
/// arithmetic of gemmlowp: a row's differences to its largest element, scaled by multiplier and
/// shift, are numbers with 5 integer and 26 fraction bits; exponentials have 0 and 31, their sum 12
/// and 19.
typedef struct {
  /// Dense `[rows, depth]`, as the result; may be the result itself.
  dovetail_span input;
  dovetail_span result;
  int32_t rows, depth;
  int32_t multiplier, shift;
  /// Of smaller differences, the exponential counts as 0, and the result is the least.
  int32_t smallest_difference;
  /// 1 where operand and result are of unsigned bytes.
  int32_t is_unsigned;
} dovetail_softmax;

/// What commands there are. The numbers never change.
typedef enum {
  dovetail_kind_copy = 0,
  dovetail_kind_load = 1,
  dovetail_kind_convolve = 2,
  dovetail_kind_rescale = 3,
  dovetail_kind_pool = 4,
  dovetail_kind_add = 5,
  dovetail_kind_softmax = 6,
  /// A node that the host computes.
  dovetail_kind_call = 7
} dovetail_kind;

#ifdef __cplusplus
}
#endif

#endif
