// Recovers what a damaged file still has: every row whose hash fits its contents, into a new
// database, and a report of what was lost. It reads the file without SQLite and never changes it.
// One thread; nobody else may have the file open.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "core/collection/types.h"

namespace cairn {

struct SalvageOptions {
  uint32_t max_keys = 100;      // of damaged rows, per collection
  std::function<void()> pause;  // called now and then; may throw, which ends it
};

struct SalvagedCollection {
  std::string name;
  bool named = false;        // by the catalog; else the name stands for a lost one
  bool state_found = false;  // schema version, kind and `expected` are known
  uint64_t schema_version = 1;
  bool local = true;
  uint64_t recovered = 0;
  uint64_t expected = 0;  // how many rows it had
  uint64_t damaged = 0;   // rows that were found, and are malformed or do not fit their hash
  std::vector<std::string> damaged_keys;  // encoded, where they can be read
  uint64_t metadata_lost = 0;             // recovered rows whose row metadata is malformed
  uint64_t metadata_entries = 0;          // of the collection
  bool whole = false;                     // every page of its rows could be read

  uint64_t lost() const { return expected > recovered ? expected - recovered : 0; }
  bool is_complete() const {
    return named && state_found && whole && lost() + damaged + metadata_lost == 0;
  }
};

struct SalvageReport {
  std::vector<SalvagedCollection> collections;
  uint64_t rows = 0;
  uint64_t pages = 0;
  uint64_t damaged_pages = 0;  // unreadable, or not what they should be
  uint32_t page_size = 0;
  uint32_t shapes = 0;
  bool journal_used = false;

  // Whether nothing is known to be lost.
  bool is_complete() const {
    return damaged_pages == 0 && std::all_of(collections.begin(), collections.end(),
                                             [](const auto& one) { return one.is_complete(); });
  }
};

// `out` must not be there yet; it appears when all is done. Throws kCannotOpen, kNotADatabase or
// kForeignDatabase where nothing of Cairn is in the file, and the errors of writing.
SalvageReport salvage(const std::string& damaged, const std::string& out,
                      const SalvageOptions& options);

}  // namespace cairn
