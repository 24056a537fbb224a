// The frames of SQLite's journal (https://sqlite.org/fileformat2.html#the_write_ahead_log), each
// verified by the running checksum that it carries. Reads no file: bytes are given one after
// another. One thread at a time.
#pragma once

#include <array>
#include <cstdint>

#include "core/value/bytes.h"

namespace cairn {

class WalFrames {
 public:
  static constexpr size_t kHeader = 32;       // of the journal
  static constexpr size_t kFrameHeader = 24;  // before each page
  using Sums = std::array<uint32_t, 2>;

  // Takes the journal's header; false where it is damaged or none.
  bool begin(const uint8_t* header);
  // As the header says, damaged or not; 0 where there is none.
  size_t page_size() const { return page_size_; }
  size_t frame_size() const { return kFrameHeader + page_size_; }
  // Takes the next frame; false where it does not go on from the one before.
  bool next(const uint8_t* frame);
  // The checksum up to here.
  const Sums& sums() const { return sums_; }

 private:
  void add(Bytes bytes);

  size_t page_size_ = 0;
  bool big_endian_ = false;
  std::array<uint8_t, 8> salts_{};
  Sums sums_{};
};

}  // namespace cairn
