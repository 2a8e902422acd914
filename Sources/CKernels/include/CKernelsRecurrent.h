#ifndef CKERNELS_RECURRENT_H
#define CKERNELS_RECURRENT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// MARK: What recurrent kernels share

/// The function behind a sum, by TFLite's numbers; others count as `none`.
typedef enum {
  ck_recurrent_none = 0,
  ck_recurrent_relu = 1,
  ck_recurrent_relu_n1_to_1 = 2,
  ck_recurrent_relu6 = 3,
  ck_recurrent_tanh = 4,
  /// 1 for numbers with a sign, else 0.
  ck_recurrent_sign_bit = 5
} ck_recurrent_activation;

/// Weights [rows][columns] of a kernel in float32: floats, or bytes in steps of `scale`. Where a
/// layer has no such weights, both pointers are NULL.
///
/// What bytes are multiplied with becomes bytes, too, with a scale of its own for each row (and a
/// zero point if the layer `quantizes_asymmetrically`), so the sum of products is exact.
typedef struct {
  const float *values;
  const int8_t *quantized;
  float scale;
} ck_recurrent_weights;

/// Weights [rows][columns] in 8 bits, and how 32-bit sums of their products are rescaled, as by
/// `ck_requantize`.
typedef struct {
  const int8_t *weights;
  int32_t multiplier, shift;
} ck_scaled_weights;

/// The rows that a layer reads and writes: [steps][batches] if `is_time_major`, else
/// [batches][steps]; from the last step to the first if `is_reversed`.
///
/// `output_width` is the distance from one row of the output to the next.
typedef struct {
  int32_t steps, batches;
  int32_t is_time_major, is_reversed;
  int32_t output_width;
} ck_sequence;

// MARK: Long short-term memory

/// `activation(normalize(input · x + auxiliary · a + recurrent · h + peephole ∘ c) + bias)`, where
/// `normalize` brings the cells to mean 0 and variance 1 and multiplies them by `normalization`; it
/// does nothing if that is NULL. Weights have a row per cell; `peephole` is one row.
typedef struct {
  ck_recurrent_weights input, auxiliary, recurrent, peephole;
  const float *normalization;
  const float *bias;
} ck_lstm_gate;

/// A layer in float32. `outputs` is `cells` unless there is a projection [outputs][cells].
///
/// Without input weights of the input gate, that gate is `1 − forget gate`. The cell gate never has
/// a peephole. Clips are 0 for none.
typedef struct {
  int32_t inputs, auxiliary_inputs, cells, outputs;
  ck_lstm_gate input_gate, forget_gate, cell_gate, output_gate;
  ck_recurrent_weights projection;
  /// NULL for none.
  const float *projection_bias;
  ck_recurrent_activation activation;
  float cell_clip, projection_clip;
  int32_t quantizes_asymmetrically;
} ck_lstm_layer;

/// Runs a sequence through a layer, and leaves in `output_state` [batches][outputs] and
/// `cell_state` [batches][cells] what the next sequence starts from.
///
/// `auxiliary` is NULL if no gate has auxiliary weights.
void ck_lstm_f32(const ck_lstm_layer *layer, ck_sequence sequence, const float *input,
                 const float *auxiliary, float *output_state, float *cell_state, float *output);

/// A gate with 8-bit inputs and weights, and 16-bit sums in steps of 2⁻¹².
///
/// `bias` is added to the 32-bit sums of the inputs; with `normalization` behind that, in steps of
/// 2⁻¹⁰ of its scale.
typedef struct {
  ck_scaled_weights input, recurrent;
  const int32_t *bias;
  /// NULL for none.
  const int16_t *peephole;
  int32_t peephole_multiplier, peephole_shift;
  /// NULL for none.
  const int16_t *normalization;
  int32_t normalization_multiplier, normalization_shift;
  /// What counts as the variance of equal cells.
  int32_t least_variance;
} ck_integer_lstm_gate;

/// A layer in TFLite's 8-bit arithmetic with a 16-bit cell state.
///
/// The state of cells is in steps of 2^cell_exponent, from −15 to −9. Clips are in steps, 0 for
/// none. With a projection, its operand has the `hidden` scale and zero point, else the output has.
///
/// TFLite's peephole takes the numbers of outputs for those of cells: with a projection, it reaches
/// only as many of the batches' cells as there are outputs. So does this one.
typedef struct {
  int32_t inputs, cells, outputs;
  int32_t input_zero_point, output_zero_point;
  ck_integer_lstm_gate input_gate, forget_gate, cell_gate, output_gate;
  int32_t cell_exponent;
  int32_t hidden_multiplier, hidden_shift, hidden_zero_point;
  ck_scaled_weights projection;
  /// NULL for none.
  const int32_t *projection_bias;
  int32_t cell_clip, projection_clip;
} ck_integer_lstm_layer;

/// As `ck_lstm_f32`, for integers; without auxiliary inputs.
void ck_lstm_i8(const ck_integer_lstm_layer *layer, ck_sequence sequence, const int8_t *input,
                int8_t *output_state, int16_t *cell_state, int8_t *output);

/// Extents of a step of TFLite's older kernel.
typedef struct {
  int32_t batches, inputs, cells;
} ck_basic_lstm_shape;

/// One step with the weights of all gates in one matrix [4][cells][inputs + cells], in the order
/// input, cell, forget and output gate, and a bias [4][cells].
///
/// Both states are replaced. `joined` [batches][inputs + cells] and `sums` [batches][4][cells]
/// receive the operands of the product, and its results.
void ck_basic_lstm_f32(ck_basic_lstm_shape shape, const float *input, const float *weights,
                       const float *bias, float *output_state, float *cell_state, float *joined,
                       float *sums);

/// As `ck_basic_lstm_f32`, with activations of scale 1/128 and zero point 128, cells in steps of
/// 2⁻¹¹, and sums that are rescaled to steps of 2⁻¹² as by `ck_requantize`, but with halves of the
/// last rounding up.
void ck_basic_lstm_u8(ck_basic_lstm_shape shape, const uint8_t *input, const uint8_t *weights,
                      int32_t weight_zero_point, const int32_t *bias, int32_t multiplier,
                      int32_t shift, uint8_t *output_state, int16_t *cell_state, uint8_t *joined,
                      int16_t *sums);

// MARK: Fully connected recurrence

/// `h = activation(input · x + auxiliary · a + recurrent · h + bias)`, with a row of weights per
/// unit.
typedef struct {
  int32_t inputs, auxiliary_inputs, units;
  ck_recurrent_weights input, auxiliary, recurrent;
  const float *bias;
  ck_recurrent_activation activation;
  int32_t quantizes_asymmetrically;
} ck_rnn_layer;

/// Runs a sequence through a layer, and leaves in `state` [batches][units] what the next sequence
/// starts from. `auxiliary` is NULL if the layer has no such weights.
void ck_rnn_f32(const ck_rnn_layer *layer, ck_sequence sequence, const float *input,
                const float *auxiliary, float *state, float *output);

// MARK: Singular value decomposition filters

/// Filters over features and time, `rank` of which add up to a unit; `rank` divides `filters`.
typedef struct {
  int32_t batches, inputs, filters, rank, memory;
} ck_svdf_shape;

/// Each filter's product with the input enters the memory of its last values, `state`
/// [batches][filters][memory]; that memory's product with the filter's weights in time, [memory],
/// is its contribution to the unit.
///
/// `bias` [filters / rank] is NULL for none.
void ck_svdf_f32(ck_svdf_shape shape, const float *input, ck_recurrent_weights feature_weights,
                 ck_recurrent_weights time_weights, const float *bias,
                 ck_recurrent_activation activation, int32_t quantizes_asymmetrically, float *state,
                 float *output);

/// How integers of an SVDF are scaled.
typedef struct {
  int32_t input_zero_point, output_zero_point;
  /// From the sums of the units to the output, as in `ck_requantize`.
  int32_t multiplier, shift;
} ck_svdf_scales;

/// As `ck_svdf_f32` without an activation, with a 16-bit memory whose zero point is 0.
void ck_svdf_i8(ck_svdf_shape shape, const int8_t *input, ck_scaled_weights feature_weights,
                const int16_t *time_weights, const int32_t *bias, ck_svdf_scales scales,
                int16_t *state, int8_t *output);

#ifdef __cplusplus
}
#endif

#endif
