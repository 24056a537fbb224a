#include "core/storage/wal_frames.h"

#include <cstring>

#include "core/storage/tree_page.h"

namespace cairn {
namespace {

constexpr uint32_t kMagic = 0x377f0682;

bool are_sums(const WalFrames::Sums& sums, const uint8_t* stored) {
  return load_be32(stored) == sums[0] && load_be32(stored + 4) == sums[1];
}

}  // namespace

bool WalFrames::begin(const uint8_t* header) {
  uint32_t magic = load_be32(header);
  if ((magic & ~1u) != kMagic) return false;
  big_endian_ = (magic & 1) != 0;
  sums_ = {};
  add({header, 24});
  page_size_ = load_be32(header + 8);
  std::memcpy(salts_.data(), header + 16, salts_.size());
  bool makes_sense =
      page_size_ >= 512 && page_size_ <= 65536 && (page_size_ & (page_size_ - 1)) == 0;
  return makes_sense && are_sums(sums_, header + 24);
}

bool WalFrames::next(const uint8_t* frame) {
  if (std::memcmp(frame + 8, salts_.data(), salts_.size()) != 0) return false;
  add({frame, 8});
  add({frame + kFrameHeader, page_size_});
  return are_sums(sums_, frame + 16) && load_be32(frame) != 0;
}

// Over words of the byte order that the header names.
void WalFrames::add(Bytes bytes) {
  auto word = [&](size_t at) {
    return big_endian_ ? load_be32(bytes.data() + at)
                       : static_cast<uint32_t>(load_le(bytes.data() + at, 4));
  };
  for (size_t at = 0; at + 8 <= bytes.size(); at += 8) {
    sums_[0] += word(at) + sums_[1];
    sums_[1] += word(at + 4) + sums_[0];
  }
}

}  // namespace cairn
