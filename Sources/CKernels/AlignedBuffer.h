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
  explicit AlignedBuffer(int64_t byte_count) : AlignedBuffer(uninitialized(byte_count)) {
    if (bytes != nullptr) std::memset(bytes, 0, rounded(byte_count));
  }

  /// Bytes of any value, for scratch memory. Without memory `data()` is null.
  static AlignedBuffer uninitialized(int64_t byte_count) {
    AlignedBuffer buffer;
    void *memory = nullptr;
    if (posix_memalign(&memory, alignment, rounded(byte_count)) == 0)
      buffer.bytes = static_cast<uint8_t *>(memory);
    return buffer;
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
  static size_t rounded(int64_t byte_count) {
    return (static_cast<size_t>(byte_count) + alignment - 1) / alignment * alignment;
  }

  uint8_t *bytes = nullptr;
};

}  // namespace ckernels
