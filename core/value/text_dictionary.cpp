#include "core/value/text_dictionary.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace cairn {

size_t TextDictionary::find(const Item& text, uint64_t hash) const {
  size_t mask = table_.size() - 1;
  size_t at = hash & mask;
  for (; table_[at] != kEmpty; at = (at + 1) & mask) {
    uint32_t code = table_[at];
    if (hashes_[code] == hash && same_bytes(distinct_[code].item(arena_).bytes(), text.bytes()))
      break;
  }
  return at;
}

void TextDictionary::grow() {
  table_.assign(table_.size() * 4, kEmpty);
  size_t mask = table_.size() - 1;
  for (uint32_t code = 0; code < hashes_.size(); ++code) {
    size_t at = hashes_[code] & mask;
    while (table_[at] != kEmpty) at = (at + 1) & mask;
    table_[at] = code;
  }
}

bool TextDictionary::build(const Slots& values) {
  codes_.reserve(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    Item text = values[i].item(arena_);
    if (text.tag == kNull) {
      codes_.push_back(0);
      continue;
    }
    uint64_t hash = XXH3_64bits(text.data, text.size);
    size_t at = find(text, hash);
    if (table_[at] == kEmpty) {
      // Most texts are new: a plain column is smaller and read as fast.
      if (distinct_.size() >= 65535 || distinct_.size() > 48 + i / 3) return false;
      table_[at] = static_cast<uint32_t>(distinct_.size());
      distinct_.push_back(values[i]);
      hashes_.push_back(hash);
    }
    codes_.push_back(static_cast<uint16_t>(table_[at]));
    if (distinct_.size() * 2 > table_.size()) grow();
  }
  return distinct_.size() <= values.size() / 2;
}

}  // namespace cairn
