// The rows that an on-demand front has from its source, whatever subsets it has asked for: by key
// until what the source wrote is read back from the file, by row number from then on. One thread at
// a time.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "core/collection/row_set.h"
#include "core/value/bytes.h"

namespace cairn {

class SourceRows {
 public:
  // The source has written a row batch in the front's event `event`; one that is malformed is left
  // to those who save it.
  void wrote(Bytes batch, uint64_t event);
  // It has dropped everything, or the collection was reset.
  void clear() { *this = {}; }

  bool has(int64_t number) const { return numbers_.has(number); }
  bool awaits(const std::string& key) const { return events_.contains(key); }
  // Tells of a row in the file, which has what the source wrote up to event `saved`; whether the
  // front has it from its source, too, or `came`, because it was among what the front itself wrote.
  bool see(Bytes key, int64_t number, uint64_t saved, bool came);
  void gone(int64_t number) { numbers_.remove(number); }

  // The front gets everything anew: first the keys to read, then what was found of them.
  std::vector<std::string> keys_not_read_back() const;
  std::vector<int64_t> numbers() const;
  void replace(RowSet found, uint64_t saved);

 private:
  std::unordered_map<std::string, uint64_t> events_;  // encoded key: the source's last event for it
  RowSet numbers_;
};

}  // namespace cairn
