// The interface between Dovetail and a device that runs programs: a driver, an FPGA, an RTL
// simulation, or a model of one in C.
//
// A device is a shared library that exports the six functions at the end of this file. It needs
// this header, `dovetail_commands.h` beside it, and nothing else:
//
//     cc -std=c99 -O2 -shared -fPIC -I INCLUDE device.c -o libdevice.so
//     dovetail run net.dvp --device ./libdevice.so
//
// A program was verified before a device gets it: spans lie within memories and have the sizes that
// shapes ask for, commands stand in an order in which they could run one after the other, none
// reads what nothing wrote, and whoever must wait for another command does. `Examples/device` has a
// device that runs all of it.
//
// Everything that Dovetail hands over belongs to Dovetail, stays where it is and does not change:
// the program from `dovetail_device_load` until `dovetail_device_unload`, anything else for the
// duration of a call. Functions are called from one thread at a time.
#ifndef DOVETAIL_DEVICE_H
#define DOVETAIL_DEVICE_H

#include <stddef.h>
#include <stdint.h>

#include "dovetail_commands.h"

#ifdef __cplusplus
extern "C" {
#endif

/// The version of this interface. Functions and structs of a version never change.
#define DOVETAIL_DEVICE_ABI_VERSION 1

/// Bytes that do not change.
typedef struct {
  const uint8_t *bytes;
  int64_t byte_count;
} dovetail_bytes;

/// A memory of the target, or last the buffer inside the NPU.
typedef struct {
  /// Ends with a zero byte, as every text here.
  const char *name;
  /// Its size.
  int64_t byte_count;
  /// The end of the highest byte that the program uses: a device needs no more.
  int64_t used_byte_count;
} dovetail_memory;

/// The engines of a target, which work at the same time, each on one command after the other.
typedef enum {
  /// Copies between memories.
  dovetail_engine_mover = 0,
  /// Fills the buffer with input blocks.
  dovetail_engine_reader = 1,
  /// Multiplies and accumulates.
  dovetail_engine_array = 2,
  /// Rescales, adds, pools and writes results.
  dovetail_engine_output = 3,
  /// The processor beside the NPU.
  dovetail_engine_host = 4,
  dovetail_engine_count = 5
} dovetail_engine;

/// A node that the host computes. Its number is handed to `dovetail_host.call`.
typedef struct {
  int32_t number;
  int32_t operand_count, result_count;
  int32_t reserved;
  /// Where operands and results lie.
  const dovetail_span *operands;
  const dovetail_span *results;
} dovetail_call;

/// A command, and what it waits for.
typedef struct {
  /// A `dovetail_kind`, which says what member of `action` is set.
  int32_t kind;
  /// The index of the layer that it is part of.
  int32_t layer;
  /// Of each engine the index of the last command that must be complete before this one starts; −1
  /// for none. Commands of its own engine come one after the other anyhow. A device that completes
  /// each command before it starts the next has nothing to wait for.
  int32_t after[dovetail_engine_count];
  int32_t reserved;
  union {
    dovetail_copy copy;
    dovetail_load load;
    dovetail_convolve convolve;
    dovetail_rescale rescale;
    dovetail_pool pool;
    dovetail_add add;
    dovetail_softmax softmax;
    dovetail_call call;
  } action;
} dovetail_command;

/// A program.
typedef struct {
  /// The sizes of this struct and of `dovetail_command` as Dovetail knows them; a device refuses
  /// others than its own.
  uint32_t program_size;
  uint32_t command_size;
  const char *name;
  const char *target_name;
  const dovetail_memory *memories;
  size_t memory_count;
  /// The index of the memory that holds `image` from address 0 on; −1 if there is none.
  int32_t constants_memory;
  int32_t reserved;
  dovetail_bytes image;
  /// The code books of encoded weights, by `dovetail_convolve.code`; `dovetail_weights.h` in
  /// `Sources/CKernels/include`, where a release has it, says how they decode.
  const dovetail_bytes *codes;
  size_t code_count;
  const dovetail_command *commands;
  size_t command_count;
  /// Where a run finds its inputs, and leaves its outputs.
  const dovetail_span *inputs;
  size_t input_count;
  const dovetail_span *outputs;
  size_t output_count;
} dovetail_program;

/// What computes the nodes that a device cannot.
typedef struct {
  /// To be handed back.
  void *context;
  /// Computes a node: reads operands and writes results, each as many bytes as its span has, at
  /// addresses that are multiples of 16.
  ///
  /// Returns 0, or another number if it failed: the device then ends the run with
  /// `dovetail_status_host_failed`.
  int (*call)(void *context, int32_t number, const void *const *operands, void *const *results);
} dovetail_host;

/// What a device counted in one run; −1 for what it does not count.
typedef struct {
  /// In cycles of the target's clock, from the start to the last result.
  int64_t cycles;
  int64_t commands;
  /// Bytes that were read from memories, and written to them, other than the buffer.
  int64_t bytes_read;
  int64_t bytes_written;
} dovetail_counters;

/// What became of a call.
typedef enum {
  dovetail_status_done = 0,
  /// The device cannot run the program.
  dovetail_status_unsupported = 1,
  /// The device, or what is behind it, failed.
  dovetail_status_failed = 2,
  /// A call to the host failed; Dovetail knows why.
  dovetail_status_host_failed = 3
} dovetail_status;

/// A device that is open, and a program on it; what they hold is the device's own affair.
typedef struct dovetail_device dovetail_device;
typedef struct dovetail_loaded dovetail_loaded;

/// Where a function that fails writes why, in one line that ends with a zero byte; begun with a
/// small letter, and without a final period.
typedef struct {
  char *text;
  size_t capacity;
} dovetail_error;

// MARK: What a device exports

/// `DOVETAIL_DEVICE_ABI_VERSION` as the device was compiled with. Called first; if it is another
/// one than Dovetail's, nothing else is called.
uint32_t dovetail_device_abi_version(void);

/// Opens the device. `*device` need not be set if that fails.
dovetail_status dovetail_device_open(dovetail_device **device, dovetail_error error);

/// Closes the device, on which no program is loaded any more.
void dovetail_device_close(dovetail_device *device);

/// Makes the device ready to run a program. `*loaded` need not be set if that fails.
dovetail_status dovetail_device_load(dovetail_device *device, const dovetail_program *program,
                                     dovetail_loaded **loaded, dovetail_error error);

/// Forgets a program.
void dovetail_device_unload(dovetail_loaded *loaded);

/// Runs a program once. Inputs and outputs are in the program's order, each as many bytes as its
/// span has. Nothing of one run is left for the next; `counters` are all −1 when the call begins.
dovetail_status dovetail_device_run(dovetail_loaded *loaded, const void *const *inputs,
                                    void *const *outputs, const dovetail_host *host,
                                    dovetail_counters *counters, dovetail_error error);

#ifdef __cplusplus
}
#endif

#endif
