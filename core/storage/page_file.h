// The pages of a SQLite file that may be damaged, read without SQLite: the journal's transactions
// lie over the file's pages, whatever of the two is left. Pages are read on demand; memory is a
// small cache and some bytes for each page in the journal. The file is never changed. One thread
// at a time, and no connection of this process may have the file open: closing it here would end
// that one's locks.
#pragma once

#include <array>
#include <fstream>
#include <functional>
#include <string>
#include <unordered_map>

#include "core/storage/tree_page.h"
#include "core/storage/wal_frames.h"

namespace cairn {

// What the pointer map says of a page: what it is, and which page refers to it.
struct MapEntry {
  enum class Kind : uint8_t { kUnknown, kRoot, kFree, kOverflowFirst, kOverflowNext, kTree };
  Kind kind = Kind::kUnknown;
  uint32_t parent = 0;

  bool in_tree() const { return kind == Kind::kRoot || kind == Kind::kTree; }
};

class PageFile {
 public:
  // `pause` is called now and then, here and in long work on the file; it may throw to end it.
  // Throws kCannotOpen, and kNotADatabase where nothing looks like a page.
  PageFile(const std::string& path, std::function<void()> pause);

  void pause() const { pause_(); }
  size_t page_size() const { return page_size_; }
  size_t usable() const { return usable_; }
  uint32_t pages() const { return pages_; }
  bool has_header() const { return has_header_; }
  bool journal_used() const { return !frames_.empty(); }
  // The first page of the list of free ones, 0 where there is none.
  uint32_t free_list() const { return free_list_; }

  // Null where the page is not there, or the system cannot read it.
  PageBytes read(uint32_t number);
  std::optional<TreePage> tree_page(uint32_t number) {
    return TreePage::read(number, read(number), usable_);
  }

  // Whether the page is one of the pointer map's, or the one that SQLite leaves out.
  bool is_map_page(uint32_t number) const;
  // kUnknown where there is no pointer map, or it cannot be right.
  MapEntry map_entry(uint32_t number);
  // The page of the pointer map that tells of a page; 0 where there is none.
  uint32_t map_page_of(uint32_t number) const;

 private:
  void open(const std::string& path);
  void read_header();
  bool read_journal_header(const std::string& path);
  void read_journal();
  void find_page_size(size_t stated);
  bool makes_sense(size_t size, size_t usable);
  void count_pages();
  void look_for_map();
  uint32_t pending_page() const { return static_cast<uint32_t>(0x40000000 / page_size_ + 1); }

  std::function<void()> pause_;
  std::filebuf file_;
  std::filebuf journal_;
  uint64_t file_size_ = 0;
  size_t page_size_ = 0;
  size_t usable_ = 0;
  uint32_t pages_ = 0;
  uint32_t stated_pages_ = 0;  // by the file's header
  uint32_t free_list_ = 0;
  bool has_header_ = false;
  bool has_map_ = false;
  WalFrames journal_frames_;
  std::unordered_map<uint32_t, uint64_t> frames_;  // page -> where its bytes are in the journal
  uint32_t journal_pages_ = 0;                     // the file's size after the last commit

  static constexpr size_t kCached = 32;
  std::array<std::pair<uint32_t, PageBytes>, kCached> cache_;
  std::pair<uint32_t, PageBytes> map_;  // the page of the pointer map that was read last
};

}  // namespace cairn
