// A device in plain C that runs the programs of Dovetail: the whole of `dovetail_device.h`, with
// the arithmetic written out from what `dovetail_commands.h` says of each command.
//
// It completes one command before it starts the next and has no idea of time, so it counts commands
// and bytes, but no cycles. It shares no code with the simulator: where both give the same bits,
// the interface says all that there is to know.
#include "dovetail_device.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "weights.h"

struct dovetail_device {
  int is_open;
};

struct dovetail_loaded {
  const dovetail_program *program;
  /// Of each memory the part that the program uses.
  uint8_t **memories;
  /// Room for the decoded weights of one command.
  int8_t *weights;
};

// MARK: Numbers

static int32_t least(int32_t a, int32_t b) { return a < b ? a : b; }
static int32_t limited(int64_t x, int32_t lower, int32_t upper) {
  return x < lower ? lower : x > upper ? upper : (int32_t)x;
}

/// The quotient, rounded to the next lower integer.
static int64_t floor_shift(int64_t x, int32_t bits) {
  int64_t divisor = (int64_t)1 << bits;
  return x >= 0 ? x / divisor : -((-x + divisor - 1) / divisor);
}

/// `round(a · b / 2³¹)`, halves up.
static int32_t high_product(int32_t a, int32_t b) {
  if (a == INT32_MIN && b == INT32_MIN) return INT32_MAX;
  return (int32_t)floor_shift((int64_t)a * b + (1 << 30), 31);
}

/// `round(x / 2^bits)`, halves away from 0.
static int32_t rounded_shift(int32_t x, int32_t bits) {
  if (bits == 0) return x;
  int64_t half = (int64_t)1 << (bits - 1);
  return (int32_t)(x >= 0 ? (x + half) >> bits : -((-(int64_t)x + half) >> bits));
}

/// `x · 2^bits` modulo 2³².
static int32_t left_shift(int32_t x, int32_t bits) { return (int32_t)((uint32_t)x << bits); }

static int32_t sum(int32_t a, int32_t b) { return (int32_t)((uint32_t)a + (uint32_t)b); }
static int32_t difference(int32_t a, int32_t b) { return (int32_t)((uint32_t)a - (uint32_t)b); }

/// See `dovetail_rounding_fixed_point`.
static int32_t scaled(int32_t x, int32_t multiplier, int32_t shift) {
  int32_t left = shift > 0 ? least(shift, 31) : 0, right = shift < 0 ? least(-shift, 31) : 0;
  return rounded_shift(high_product(left_shift(x, left), multiplier), right);
}

// MARK: Memory

static uint8_t *at(const dovetail_loaded *loaded, int32_t memory, int64_t address) {
  return loaded->memories[memory] + address;
}

static uint8_t *span(const dovetail_loaded *loaded, dovetail_span span) {
  return at(loaded, span.memory, span.address);
}

static uint8_t *pixel(const dovetail_loaded *loaded, const dovetail_tile *tile, int32_t row,
                      int32_t column) {
  return at(loaded, tile->memory, tile->address) + row * tile->row_stride +
         column * tile->pixel_stride;
}

/// Writes a number in signed form as the image has its bytes.
static void put(uint8_t *byte, int32_t value, int32_t is_unsigned) {
  *byte = (uint8_t)value ^ (is_unsigned ? 0x80 : 0);
}

// MARK: Commands

static void load(const dovetail_loaded *loaded, const dovetail_load *load) {
  const dovetail_tile *tile = &load->tile;
  int32_t width = load->pad_left + tile->width + load->pad_right;
  uint8_t *block = span(loaded, load->block);
  memset(block, load->padding & 0xFF, (size_t)load->block.byte_count);
  for (int32_t row = 0; row < tile->height; row++) {
    for (int32_t column = 0; column < tile->width; column++) {
      const uint8_t *from = pixel(loaded, tile, row, column);
      uint8_t *to = block + ((int64_t)(load->pad_top + row) * width + load->pad_left + column) *
                                tile->channels;
      for (int32_t channel = 0; channel < tile->channels; channel++) {
        to[channel] = from[channel] ^ (load->is_unsigned ? 0x80 : 0);
      }
    }
  }
}

/// Bytes of an input block for one result, and how weights lie.
typedef struct {
  const dovetail_convolve *convolve;
  const int8_t *input, *weights;
} products;

static uint32_t dense_sum(const products *p, int64_t y, int64_t x, int64_t channel) {
  const dovetail_convolve *c = p->convolve;
  const dovetail_window *w = &c->window;
  const int8_t *weights =
      p->weights + channel * w->kernel_height * w->kernel_width * c->input_depth;
  uint32_t sum = 0;
  for (int32_t i = 0; i < w->kernel_height; i++) {
    for (int32_t j = 0; j < w->kernel_width; j++) {
      int64_t row = y * w->stride_height + i * w->dilation_height;
      int64_t column = x * w->stride_width + j * w->dilation_width;
      const int8_t *input = p->input + (row * c->input_width + column) * c->input_depth;
      for (int32_t depth = 0; depth < c->input_depth; depth++) {
        int32_t weight = *weights++ - c->weight_zero_point;
        sum += (uint32_t)((input[depth] - c->input_zero_point) * weight);
      }
    }
  }
  return sum;
}

static uint32_t depthwise_sum(const products *p, int64_t y, int64_t x, int64_t channel) {
  const dovetail_convolve *c = p->convolve;
  const dovetail_window *w = &c->window;
  uint32_t sum = 0;
  for (int32_t i = 0; i < w->kernel_height; i++) {
    for (int32_t j = 0; j < w->kernel_width; j++) {
      int64_t row = y * w->stride_height + i * w->dilation_height;
      int64_t column = x * w->stride_width + j * w->dilation_width;
      int32_t input = p->input[(row * c->input_width + column) * c->depth + channel];
      int32_t weight = p->weights[((int64_t)i * w->kernel_width + j) * c->depth + channel];
      sum += (uint32_t)((input - c->input_zero_point) * (weight - c->weight_zero_point));
    }
  }
  return sum;
}

/// How many weights a command multiplies with.
static int64_t weight_count(const dovetail_convolve *c) {
  int64_t elements = (int64_t)c->window.kernel_height * c->window.kernel_width;
  return c->depth * elements * (c->mode == dovetail_mode_depthwise ? 1 : c->input_depth);
}

static int convolve(const dovetail_loaded *loaded, const dovetail_convolve *c) {
  products p = {c, (const int8_t *)span(loaded, c->input),
                (const int8_t *)span(loaded, c->weights)};
  if (c->code >= 0) {
    dovetail_bytes book = loaded->program->codes[c->code];
    p.weights = loaded->weights;
    if (!decode_weights(book.bytes, book.byte_count, span(loaded, c->weights),
                        c->weights.byte_count, loaded->weights, weight_count(c))) {
      return 0;
    }
  }
  int32_t *accumulator = (int32_t *)span(loaded, c->accumulators);
  for (int32_t y = 0; y < c->height; y++) {
    for (int32_t x = 0; x < c->width; x++) {
      for (int32_t channel = 0; channel < c->depth; channel++, accumulator++) {
        uint32_t sum = c->mode == dovetail_mode_depthwise ? depthwise_sum(&p, y, x, channel)
                                                          : dense_sum(&p, y, x, channel);
        *accumulator = (int32_t)((c->is_first ? 0 : (uint32_t)*accumulator) + sum);
      }
    }
  }
  return 1;
}

/// One accumulator, rescaled with the parameters of its channel.
static int32_t rescaled(int32_t accumulator, const uint8_t *parameters, int32_t rounding) {
  int32_t bias, multiplier;
  double factor;
  float single;
  // Of the 40 bits of a bias, the highest 8 are those of its sign.
  memcpy(&bias, parameters, sizeof bias);
  int32_t x = sum(accumulator, bias);
  switch (rounding) {
    case dovetail_rounding_fixed_point:
      memcpy(&multiplier, parameters + 5, sizeof multiplier);
      return scaled(x, multiplier, (int8_t)parameters[9]);
    case dovetail_rounding_real:
      memcpy(&factor, parameters + 5, sizeof factor);
      factor = round(x * factor);
      return factor >= INT32_MAX ? INT32_MAX : factor > INT32_MIN ? (int32_t)factor : INT32_MIN;
    default:
      memcpy(&single, parameters + 5, sizeof single);
      single = rintf((float)x * single);
      return single >= 0x1p31f ? INT32_MAX : single > -0x1p31f ? (int32_t)single : INT32_MIN;
  }
}

static void rescale(const dovetail_loaded *loaded, const dovetail_rescale *rescale) {
  static const int32_t parameter_bytes[] = {10, 13, 9};
  const dovetail_tile *result = &rescale->result;
  const int32_t *accumulator = (const int32_t *)span(loaded, rescale->accumulators);
  const uint8_t *parameters = span(loaded, rescale->parameters);
  int32_t stride = parameter_bytes[rescale->rounding];
  for (int32_t row = 0; row < result->height; row++) {
    for (int32_t column = 0; column < result->width; column++) {
      uint8_t *to = pixel(loaded, result, row, column);
      for (int32_t channel = 0; channel < result->channels; channel++) {
        int64_t y = rescaled(*accumulator++, parameters + channel * stride, rescale->rounding);
        int32_t bounded =
            limited(y + rescale->zero_point, rescale->clamp_lower, rescale->clamp_upper);
        put(to + channel, bounded, rescale->is_unsigned);
      }
    }
  }
}

/// The largest element of a window in one channel, or the mean.
static int32_t pooled(const dovetail_pool *pool, const int8_t *input, int32_t y, int32_t x,
                      int32_t channel) {
  const dovetail_window *w = &pool->window;
  int32_t offset = pool->is_unsigned ? 128 : 0, largest = -128;
  int64_t total = 0, count = 0;
  for (int32_t i = 0; i < w->kernel_height; i++) {
    int64_t row = (int64_t)y * w->stride_height - pool->pad_top + (int64_t)i * w->dilation_height;
    if (row < 0 || row >= pool->input_height) continue;
    for (int32_t j = 0; j < w->kernel_width; j++) {
      int64_t column =
          (int64_t)x * w->stride_width - pool->pad_left + (int64_t)j * w->dilation_width;
      if (column < 0 || column >= pool->input_width) continue;
      int32_t element =
          input[(row * pool->input_width + column) * pool->result.channels + channel];
      if (element > largest) largest = element;
      total += element + offset;
      count++;
    }
  }
  if (pool->is_maximum) return largest;
  if (count == 0) return -offset;
  return (int32_t)((total > 0 ? total + count / 2 : total - count / 2) / count) - offset;
}

static void pool(const dovetail_loaded *loaded, const dovetail_pool *pool) {
  const int8_t *input = (const int8_t *)span(loaded, pool->input);
  for (int32_t row = 0; row < pool->result.height; row++) {
    for (int32_t column = 0; column < pool->result.width; column++) {
      uint8_t *to = pixel(loaded, &pool->result, row, column);
      for (int32_t channel = 0; channel < pool->result.channels; channel++) {
        int32_t value = pooled(pool, input, row, column, channel);
        put(to + channel, limited(value, pool->clamp_lower, pool->clamp_upper),
            pool->is_unsigned);
      }
    }
  }
}

static int32_t added(const dovetail_add *add, int32_t a, int32_t b) {
  if (add->is_single) {
    float origin = (float)add->origin;
    float part = fmaf((float)b + origin, add->b_factor, add->offset);
    float total = rintf(fmaf((float)a + origin, add->a_factor, part));
    float lowest = (float)(add->clamp_lower + add->origin);
    float highest = (float)(add->clamp_upper + add->origin);
    return (int32_t)(total < lowest ? lowest : total > highest ? highest : total) - add->origin;
  }
  int32_t left = left_shift(a - add->a_zero_point, add->left_shift);
  int32_t right = left_shift(b - add->b_zero_point, add->left_shift);
  int32_t total = sum(scaled(left, add->a_multiplier, add->a_shift),
                      scaled(right, add->b_multiplier, add->b_shift));
  int64_t result = scaled(total, add->output_multiplier, add->output_shift);
  return limited(result + add->output_zero_point, add->clamp_lower, add->clamp_upper);
}

static void add(const dovetail_loaded *loaded, const dovetail_add *add) {
  const int8_t *first = (const int8_t *)span(loaded, add->first);
  const int8_t *second = (const int8_t *)span(loaded, add->second);
  for (int32_t row = 0; row < add->result.height; row++) {
    for (int32_t column = 0; column < add->result.width; column++) {
      uint8_t *to = pixel(loaded, &add->result, row, column);
      for (int32_t channel = 0; channel < add->result.channels; channel++) {
        put(to + channel, added(add, *first++, *second++), add->is_unsigned);
      }
    }
  }
}

// MARK: Softmax, in fixed point: Qm.n has m integer and n fraction bits beside the sign

static int32_t saturated_shift(int32_t x, int32_t bits) {
  return limited((int64_t)x * ((int64_t)1 << bits), INT32_MIN, INT32_MAX);
}

/// `exp(x)` in Q0.31 for x in −1/4 ..< 0 in Q0.31: the Taylor polynomial of degree 4 around −1/8.
static int32_t small_exponential(int32_t value) {
  const int32_t exp_of_minus_eighth = 1895147668, third = 715827883;
  int32_t x = sum(value, 1 << 28);
  int32_t square = high_product(x, x), cube = high_product(square, x);
  int32_t fourth = high_product(square, square);
  int32_t cubic = sum(rounded_shift(fourth, 2), cube);
  int32_t tail = rounded_shift(sum(high_product(cubic, third), square), 1);
  return sum(exp_of_minus_eighth, high_product(exp_of_minus_eighth, sum(x, tail)));
}

/// `exp(x)` in Q0.31 for x ≤ 0 in Q5.26.
static int32_t exponential(int32_t x) {
  // exp(−1/4), exp(−1/2), … exp(−16).
  static const int32_t powers[] = {1672461947, 1302514674, 790015084, 290630308,
                                   39332535,   720401,     242};
  const int32_t quarter = 1 << 24;
  if (x == 0) return INT32_MAX;
  int32_t small = (x & (quarter - 1)) - quarter, rest = difference(small, x);
  int32_t result = small_exponential(saturated_shift(small, 5));
  for (int32_t bit = 0; bit < 7; bit++) {
    if (rest & (quarter << bit)) result = high_product(result, powers[bit]);
  }
  return result;
}

/// `1 / (1 + x)` in Q0.31 for x in 0 ..< 1, by three steps of Newton and Raphson in Q2.29.
static int32_t reciprocal(int32_t x) {
  int32_t half = (int32_t)(((int64_t)x + INT32_MAX + 1) / 2);
  int32_t estimate = sum(1515870810, high_product(half, -1010580540));  // 48/17 − 32/17 · half
  for (int32_t step = 0; step < 3; step++) {
    int32_t error = difference(1 << 29, high_product(half, estimate));
    estimate = sum(estimate, saturated_shift(high_product(estimate, error), 2));
  }
  return saturated_shift(estimate, 1);
}

static void softmax_row(const dovetail_softmax *softmax, const uint8_t *input, uint8_t *result) {
  int32_t flip = softmax->is_unsigned ? 0x80 : 0, largest = -128;
  int64_t total = 0;
  for (int32_t i = 0; i < softmax->depth; i++) {
    int8_t element = (int8_t)(input[i] ^ flip);
    if (element > largest) largest = element;
  }
  for (int32_t i = 0; i < softmax->depth; i++) {
    int32_t distance = (int8_t)(input[i] ^ flip) - largest;
    if (distance < softmax->smallest_difference) continue;
    total += rounded_shift(exponential(scaled(distance, softmax->multiplier, softmax->shift)), 12);
  }
  // A sum of 512 leaves no more than half a step for any element.
  int is_small = total > 0 && total < (int64_t)1 << 28;
  int32_t headroom = 0;
  while (is_small && !((uint32_t)total << headroom & 0x80000000u)) headroom++;
  int32_t factor =
      is_small ? reciprocal((int32_t)(((uint32_t)total << headroom) - 0x80000000u)) : 0;
  for (int32_t i = 0; i < softmax->depth; i++) {
    int32_t distance = (int8_t)(input[i] ^ flip) - largest, value = -128;
    if (is_small && distance >= softmax->smallest_difference) {
      int32_t power = exponential(scaled(distance, softmax->multiplier, softmax->shift));
      int32_t steps = rounded_shift(high_product(factor, power), 12 - headroom + 31 - 8);
      value = limited(steps, 0, 255) - 128;
    }
    put(result + i, value, softmax->is_unsigned);
  }
}

static void softmax(const dovetail_loaded *loaded, const dovetail_softmax *softmax) {
  const uint8_t *input = span(loaded, softmax->input);
  uint8_t *result = span(loaded, softmax->result);
  for (int64_t row = 0; row < softmax->rows; row++) {
    softmax_row(softmax, input + row * softmax->depth, result + row * softmax->depth);
  }
}

// MARK: Host

static int call(const dovetail_loaded *loaded, const dovetail_call *call,
                const dovetail_host *host) {
  size_t count = (size_t)call->operand_count + (size_t)call->result_count;
  void **addresses = calloc(count + 1, sizeof *addresses);
  if (addresses == NULL) return 1;
  for (int32_t i = 0; i < call->operand_count; i++) addresses[i] = span(loaded, call->operands[i]);
  void **results = addresses + call->operand_count;
  for (int32_t i = 0; i < call->result_count; i++) results[i] = span(loaded, call->results[i]);
  int status = host->call(host->context, call->number, (const void *const *)addresses, results);
  free(addresses);
  return status;
}

// MARK: Counting

static int64_t tile_bytes(dovetail_tile tile) {
  return (int64_t)tile.height * tile.width * tile.channels;
}

/// Counts bytes of a memory, unless it is the buffer inside the NPU.
static void count(const dovetail_loaded *loaded, int32_t memory, int64_t bytes, int64_t *counter) {
  if ((size_t)memory + 1 < loaded->program->memory_count) *counter += bytes;
}

static void count_command(const dovetail_loaded *loaded, const dovetail_command *command,
                          dovetail_counters *counters) {
  int64_t *read = &counters->bytes_read, *written = &counters->bytes_written;
  counters->commands++;
#define SPAN(s, counter) count(loaded, (s).memory, (s).byte_count, counter)
#define TILE(t, counter) count(loaded, (t).memory, tile_bytes(t), counter)
  switch (command->kind) {
    case dovetail_kind_copy:
      SPAN(command->action.copy.from, read);
      SPAN(command->action.copy.to, written);
      break;
    case dovetail_kind_load: TILE(command->action.load.tile, read); break;
    case dovetail_kind_convolve: SPAN(command->action.convolve.weights, read); break;
    case dovetail_kind_rescale:
      SPAN(command->action.rescale.parameters, read);
      TILE(command->action.rescale.result, written);
      break;
    case dovetail_kind_pool: TILE(command->action.pool.result, written); break;
    case dovetail_kind_add: TILE(command->action.add.result, written); break;
    case dovetail_kind_softmax:
      SPAN(command->action.softmax.input, read);
      SPAN(command->action.softmax.result, written);
      break;
    case dovetail_kind_call:
      for (int32_t i = 0; i < command->action.call.operand_count; i++)
        SPAN(command->action.call.operands[i], read);
      for (int32_t i = 0; i < command->action.call.result_count; i++)
        SPAN(command->action.call.results[i], written);
      break;
  }
#undef SPAN
#undef TILE
}

// MARK: The interface

static dovetail_status fail(dovetail_error error, dovetail_status status, const char *why) {
  if (error.capacity > 0) snprintf(error.text, error.capacity, "%s", why);
  return status;
}

uint32_t dovetail_device_abi_version(void) { return DOVETAIL_DEVICE_ABI_VERSION; }

dovetail_status dovetail_device_open(dovetail_device **device, dovetail_error error) {
  *device = calloc(1, sizeof **device);
  if (*device == NULL) return fail(error, dovetail_status_failed, "out of memory");
  (*device)->is_open = 1;
  return dovetail_status_done;
}

void dovetail_device_close(dovetail_device *device) { free(device); }

/// The weights of the largest command whose weights are encoded.
static int64_t most_weights(const dovetail_program *program) {
  int64_t most = 0;
  for (size_t i = 0; i < program->command_count; i++) {
    const dovetail_command *command = &program->commands[i];
    if (command->kind != dovetail_kind_convolve || command->action.convolve.code < 0) continue;
    int64_t weights = weight_count(&command->action.convolve);
    if (weights > most) most = weights;
  }
  return most;
}

dovetail_status dovetail_device_load(dovetail_device *device, const dovetail_program *program,
                                     dovetail_loaded **loaded, dovetail_error error) {
  (void)device;
  if (program->program_size != sizeof(dovetail_program) ||
      program->command_size != sizeof(dovetail_command)) {
    return fail(error, dovetail_status_unsupported, "structs are of other sizes");
  }
  dovetail_loaded *made = calloc(1, sizeof *made);
  if (made == NULL) return fail(error, dovetail_status_failed, "out of memory");
  made->program = program;
  made->memories = calloc(program->memory_count + 1, sizeof *made->memories);
  made->weights = malloc((size_t)most_weights(program) + 1);
  int has_all = made->memories != NULL && made->weights != NULL;
  for (size_t i = 0; has_all && i < program->memory_count; i++) {
    made->memories[i] = calloc((size_t)program->memories[i].used_byte_count + 1, 1);
    has_all = made->memories[i] != NULL;
  }
  if (!has_all) {
    dovetail_device_unload(made);
    return fail(error, dovetail_status_failed, "out of memory");
  }
  if (program->constants_memory >= 0 && program->image.byte_count > 0) {
    memcpy(made->memories[program->constants_memory], program->image.bytes,
           (size_t)program->image.byte_count);
  }
  *loaded = made;
  return dovetail_status_done;
}

void dovetail_device_unload(dovetail_loaded *loaded) {
  for (size_t i = 0; loaded->memories != NULL && i < loaded->program->memory_count; i++) {
    free(loaded->memories[i]);
  }
  free(loaded->memories);
  free(loaded->weights);
  free(loaded);
}

static dovetail_status execute(const dovetail_loaded *loaded, const dovetail_command *command,
                               const dovetail_host *host, dovetail_error error) {
  switch (command->kind) {
    case dovetail_kind_copy:
      memcpy(span(loaded, command->action.copy.to), span(loaded, command->action.copy.from),
             (size_t)command->action.copy.from.byte_count);
      return dovetail_status_done;
    case dovetail_kind_load: load(loaded, &command->action.load); return dovetail_status_done;
    case dovetail_kind_convolve:
      return convolve(loaded, &command->action.convolve)
                 ? dovetail_status_done
                 : fail(error, dovetail_status_failed, "weights cannot be decoded");
    case dovetail_kind_rescale:
      rescale(loaded, &command->action.rescale);
      return dovetail_status_done;
    case dovetail_kind_pool: pool(loaded, &command->action.pool); return dovetail_status_done;
    case dovetail_kind_add: add(loaded, &command->action.add); return dovetail_status_done;
    case dovetail_kind_softmax:
      softmax(loaded, &command->action.softmax);
      return dovetail_status_done;
    case dovetail_kind_call:
      return call(loaded, &command->action.call, host) == 0
                 ? dovetail_status_done
                 : fail(error, dovetail_status_host_failed, "a call to the host failed");
    default: return fail(error, dovetail_status_unsupported, "there is an unknown command");
  }
}

dovetail_status dovetail_device_run(dovetail_loaded *loaded, const void *const *inputs,
                                    void *const *outputs, const dovetail_host *host,
                                    dovetail_counters *counters, dovetail_error error) {
  const dovetail_program *program = loaded->program;
  counters->commands = counters->bytes_read = counters->bytes_written = 0;
  for (size_t i = 0; i < program->input_count; i++) {
    memcpy(span(loaded, program->inputs[i]), inputs[i], (size_t)program->inputs[i].byte_count);
  }
  for (size_t i = 0; i < program->command_count; i++) {
    dovetail_status status = execute(loaded, &program->commands[i], host, error);
    if (status != dovetail_status_done) return status;
    count_command(loaded, &program->commands[i], counters);
  }
  for (size_t i = 0; i < program->output_count; i++) {
    memcpy(outputs[i], span(loaded, program->outputs[i]), (size_t)program->outputs[i].byte_count);
  }
  return dovetail_status_done;
}
