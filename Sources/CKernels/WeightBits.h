#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace ckernels {

/// The same number with its bytes in the other order on processors that begin with the lowest.
inline uint64_t big_endian(uint64_t word) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  return __builtin_bswap64(word);
#else
  return word;
#endif
}

inline uint32_t big_endian(uint32_t word) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  return __builtin_bswap32(word);
#else
  return word;
#endif
}

/// Writes bits into bytes, from the highest to the lowest; what has no room is left out.
class BitWriter {
 public:
  BitWriter(uint8_t *bytes, int64_t room) : begin_(bytes), position_(bytes), room_(room) {}

  /// Appends a number of at most 32 bits.
  void put(uint32_t bits, int32_t count) {
    word_ = word_ << count | bits;
    filled_ += count;
    if (filled_ >= 32) write_word();
  }

  /// Whether there is room for `put_wide`.
  bool has_wide_room() const { return room_ >= 8; }

  /// Appends a number of 1 to 48 bits, where less than 16 bits came before it, or others like it:
  /// without a branch, as nobody could predict how many bytes are full.
  void put_wide(uint64_t bits, int32_t count) {
    word_ = word_ << count | bits;
    filled_ += count;
    const uint64_t whole = big_endian(word_ << (64 - filled_));
    std::memcpy(position_, &whole, sizeof whole);
    position_ += filled_ / 8;
    room_ -= filled_ / 8;
    filled_ %= 8;
  }

  /// Fills the last byte with zeros and says whether all had room.
  bool finish() {
    while (filled_ > 0) {
      if (room_ == 0) has_overflowed_ = true;
      if (has_overflowed_) return false;
      *position_++ = static_cast<uint8_t>(filled_ >= 8 ? word_ >> (filled_ - 8)
                                                       : word_ << (8 - filled_));
      --room_;
      filled_ -= 8;
    }
    return !has_overflowed_;
  }

  bool has_overflowed() const { return has_overflowed_; }
  int64_t size() const { return position_ - begin_; }

 private:
  uint8_t *begin_, *position_;
  int64_t room_;
  uint64_t word_ = 0;
  int32_t filled_ = 0;
  bool has_overflowed_ = false;

  void write_word() {
    filled_ -= 32;
    if (room_ < 4) has_overflowed_ = true;
    if (has_overflowed_) return;
    const uint32_t whole = big_endian(static_cast<uint32_t>(word_ >> filled_));
    std::memcpy(position_, &whole, sizeof whole);
    position_ += sizeof whole;
    room_ -= sizeof whole;
  }
};

/// Reads bits of bytes, from the highest to the lowest; behind the last there are zeros.
class BitReader {
 public:
  BitReader(const uint8_t *bytes, int64_t size) : bytes_(bytes), size_(size) {}

  /// Whether eight bytes can be read at once.
  bool has_word() const { return position_ / 8 + 8 <= size_; }

  /// The next bits, 57 of them at least, from the highest bit of the word on. There must be a word.
  uint64_t peek_word() const {
    uint64_t word;
    std::memcpy(&word, bytes_ + position_ / 8, sizeof word);
    return big_endian(word) << position_ % 8;
  }

  /// As `peek_word`, wherever the bytes end.
  uint64_t peek() const {
    const int64_t first = position_ / 8;
    uint64_t word = 0;
    const int64_t count = std::clamp<int64_t>(size_ - first, 0, 8);
    if (count > 0) std::memcpy(&word, bytes_ + first, static_cast<size_t>(count));
    return big_endian(word) << position_ % 8;
  }

  void skip(int64_t bits) { position_ += bits; }

  /// The next number of 1 to 32 bits.
  uint32_t take(int32_t bits) {
    const uint64_t word = peek();
    skip(bits);
    return static_cast<uint32_t>(word >> (64 - bits));
  }

  /// Whether more was read than there is.
  bool is_past_end() const { return position_ > size_ * 8; }

  /// Whether the rest of the last byte is 0.
  bool is_padded_with_zeros() const {
    const int64_t rest = position_ % 8;
    return rest == 0 || static_cast<uint8_t>(bytes_[position_ / 8] << rest) == 0;
  }

  /// Bytes of which bits were read.
  int64_t bytes_read() const { return (position_ + 7) / 8; }

 private:
  const uint8_t *bytes_;
  int64_t size_, position_ = 0;
};

}  // namespace ckernels
