#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace ckernels {

/// Bytes on a cache line boundary, owned by one place.
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
    if (posix_memalign(&memory, alignment, rounded(byte_count)) == 0) {
      buffer.bytes = static_cast<uint8_t *>(memory);
      buffer.capacity = rounded(byte_count);
    }
    return buffer;
  }

  AlignedBuffer(AlignedBuffer &&other) { *this = static_cast<AlignedBuffer &&>(other); }
  AlignedBuffer &operator=(AlignedBuffer &&other) {
    std::swap(bytes, other.bytes);
    std::swap(capacity, other.capacity);
    return *this;
  }
  ~AlignedBuffer() { std::free(bytes); }

  /// Makes room for bytes of any value, which replace those from before. Without memory `data()` is
  /// null.
  void make_room(int64_t byte_count) {
    if (rounded(byte_count) > capacity) *this = uninitialized(byte_count);
  }

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
  size_t capacity = 0;
};

}  // namespace ckernels
