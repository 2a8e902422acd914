#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace ckernels {

/// Bytes on a cache line boundary, owned by one place; neither copied nor grown.
class AlignedBuffer {
 public:
  static constexpr size_t alignment = 64;

  AlignedBuffer() = default;

  /// Zeroed bytes. Without memory `data()` is null.
  explicit AlignedBuffer(int64_t byte_count) {
    const size_t rounded = (static_cast<size_t>(byte_count) + alignment - 1) / alignment * alignment;
    void *memory = nullptr;
    if (posix_memalign(&memory, alignment, rounded) != 0) return;
    std::memset(memory, 0, rounded);
    bytes = static_cast<uint8_t *>(memory);
  }

  AlignedBuffer(AlignedBuffer &&other) : bytes(other.bytes) { other.bytes = nullptr; }
  AlignedBuffer &operator=(AlignedBuffer &&other) {
    uint8_t *own = bytes;
    bytes = other.bytes;
    other.bytes = own;
    return *this;
  }
  ~AlignedBuffer() { std::free(bytes); }

  uint8_t *data() const { return bytes; }

  template <typename Element>
  Element *as() const {
    return reinterpret_cast<Element *>(bytes);
  }

 private:
  uint8_t *bytes = nullptr;
};

}  // namespace ckernels
