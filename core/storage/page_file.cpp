#include "core/storage/page_file.h"

#include <algorithm>
#include <cstring>
#include <filesystem>

namespace cairn {
namespace {

constexpr size_t kFileHeader = 100;
constexpr char kMagic[] = "SQLite format 3";  // with its NUL

bool is_power_of_two_in_range(size_t size) {
  return size >= 512 && size <= 65536 && (size & (size - 1)) == 0;
}

// Reads exactly `size` bytes at `at`.
bool read_at(std::filebuf& file, uint64_t at, uint8_t* to, size_t size) {
  if (file.pubseekpos(static_cast<std::streamoff>(at), std::ios::in) == std::streampos(-1))
    return false;
  auto wanted = static_cast<std::streamsize>(size);
  return file.sgetn(reinterpret_cast<char*>(to), wanted) == wanted;
}

bool open_file(std::filebuf& file, const std::string& path, uint64_t& size) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return false;
  size = std::filesystem::file_size(path, error);
  file.pubsetbuf(nullptr, 0);  // pages are what is read, and each is kept
  return !error && file.open(path, std::ios::in | std::ios::binary) != nullptr;
}

}  // namespace

PageFile::PageFile(const std::string& path, std::function<void()> pause)
    : pause_(pause != nullptr ? std::move(pause) : [] {}) {
  open(path);
  size_t stated = 0;
  std::array<uint8_t, kFileHeader> header{};
  if (read_at(file_, 0, header.data(), header.size()) &&
      std::memcmp(header.data(), kMagic, sizeof kMagic) == 0) {
    stated = load_be(header.data() + 16, 2);
    if (stated == 1) stated = 65536;
  }
  // The journal's header has a checksum, and the file's has none.
  if (read_journal_header(path + "-wal")) {
    read_journal();
  } else {
    find_page_size(stated);
  }
  usable_ = page_size_;
  read_header();
  count_pages();
  look_for_map();
}

void PageFile::open(const std::string& path) {
  if (!open_file(file_, path, file_size_))
    throw Error(Status::kCannotOpen,
                "cannot read " + path + ": check that there is such a file, and its rights");
}

// Reads what the first page says, if it is there.
void PageFile::read_header() {
  pages_ = 1;
  PageBytes page = read(1);
  if (page == nullptr || std::memcmp(page->data(), kMagic, sizeof kMagic) != 0) return;
  const uint8_t* header = page->data();
  has_header_ = true;
  size_t reserved = header[20];
  if (reserved != 0 && makes_sense(page_size_, page_size_ - reserved)) usable_ -= reserved;
  // The count is right only where these two agree.
  if (load_be32(header + 24) == load_be32(header + 92)) stated_pages_ = load_be32(header + 28);
  free_list_ = load_be32(header + 32);
  has_map_ = load_be32(header + 52) != 0;
}

bool PageFile::read_journal_header(const std::string& path) {
  uint64_t size = 0;
  std::array<uint8_t, WalFrames::kHeader> header{};
  if (!open_file(journal_, path, size) || !read_at(journal_, 0, header.data(), header.size()) ||
      !journal_frames_.begin(header.data()))
    return false;
  page_size_ = journal_frames_.page_size();
  return true;
}

// Notes where each page's newest bytes are, up to the last commit that is whole.
void PageFile::read_journal() {
  std::unordered_map<uint32_t, uint64_t> pending;
  std::vector<uint8_t> frame(journal_frames_.frame_size());
  uint64_t at = WalFrames::kHeader;
  for (; read_at(journal_, at, frame.data(), frame.size()); at += frame.size()) {
    pause_();
    const uint8_t* header = frame.data();
    if (!journal_frames_.next(header)) break;
    pending[load_be32(header)] = at + WalFrames::kFrameHeader;
    uint32_t pages_after = load_be32(header + 4);
    if (pages_after == 0) continue;
    for (const auto& [page, place] : pending) frames_[page] = place;
    pending.clear();
    journal_pages_ = pages_after;
  }
}

// The size that the file states where pages are of that size; else the first usual one with which
// a page makes sense.
void PageFile::find_page_size(size_t stated) {
  for (size_t size : {stated, size_t{4096}, size_t{1024}, size_t{2048}, size_t{8192}, size_t{16384},
                      size_t{32768}, size_t{65536}, size_t{512}})
    if (is_power_of_two_in_range(size) && makes_sense(size, size)) {
      page_size_ = size;
      return;
    }
  if (!is_power_of_two_in_range(stated))
    throw Error(Status::kNotADatabase,
                "no page of a database was found in the file; check the path");
  page_size_ = stated;
}

// Looks for a page with cells up to its end, among some at the start and some all over the file.
bool PageFile::makes_sense(size_t size, size_t usable) {
  constexpr uint64_t kLooks = 512;
  constexpr size_t kLeastUsable = 480;
  if (usable < kLeastUsable) return false;
  uint64_t count = file_size_ / size;
  auto bytes = std::make_shared<std::vector<uint8_t>>(size);
  for (uint64_t look = 0; look < std::min(count, kLooks); ++look) {
    pause_();
    uint64_t index = look % 2 == 0 || count <= kLooks ? look : count / kLooks * look;
    if (!read_at(file_, index * size, bytes->data(), size)) continue;
    auto page = TreePage::read(index == 0 ? 1 : 2, bytes, usable);
    if (page && page->is_leaf() && page->is_filled()) return true;
  }
  return false;
}

void PageFile::count_pages() {
  // A last page that was cut off is there as far as its bytes go, that is, not.
  uint64_t count = std::max<uint64_t>({file_size_ / page_size_, stated_pages_, journal_pages_});
  if (journal_used()) count = journal_pages_;
  // What the header says is not believed beyond what a file could have lost.
  uint64_t most = file_size_ / page_size_ * 1024 + (1u << 20);
  if (!journal_used()) count = std::min(count, most);
  pages_ = static_cast<uint32_t>(std::min<uint64_t>(count, UINT32_MAX - 1));
}

// Without a header: our files have a pointer map, which begins on page 2.
void PageFile::look_for_map() {
  if (!has_header_) has_map_ = !tree_page(2).has_value();
}

PageBytes PageFile::read(uint32_t number) {
  if (number == 0 || number > pages_) return nullptr;
  auto& [kept, page] = cache_[number % kCached];
  if (kept == number && page != nullptr) return page;
  auto frame = frames_.find(number);
  if (frame == frames_.end() && uint64_t{number} * page_size_ > file_size_) return nullptr;
  auto bytes = std::make_shared<std::vector<uint8_t>>(page_size_);
  bool done = frame != frames_.end()
                  ? read_at(journal_, frame->second, bytes->data(), page_size_)
                  : read_at(file_, uint64_t{number - 1} * page_size_, bytes->data(), page_size_);
  if (!done) return nullptr;
  kept = number;
  return page = std::move(bytes);
}

uint32_t PageFile::map_page_of(uint32_t number) const {
  if (!has_map_ || number < 2) return 0;
  auto group = static_cast<uint32_t>(usable_ / 5 + 1);  // a page of the map, and those it tells of
  uint32_t map = (number - 2) / group * group + 2;
  return map == pending_page() ? map + 1 : map;
}

bool PageFile::is_map_page(uint32_t number) const {
  return number == pending_page() || (number > 1 && map_page_of(number) == number);
}

MapEntry PageFile::map_entry(uint32_t number) {
  if (!has_map_ || number < 2 || number > pages_ || is_map_page(number)) return {};
  uint32_t map = map_page_of(number);
  if (map_.first != map) map_ = {map, read(map)};
  size_t at = 5 * (size_t{number} - map - 1);
  if (map_.second == nullptr || number <= map || at + 5 > usable_) return {};
  const uint8_t* bytes = map_.second->data() + at;
  MapEntry entry{static_cast<MapEntry::Kind>(bytes[0]), load_be32(bytes + 1)};
  bool alone = entry.kind == MapEntry::Kind::kRoot || entry.kind == MapEntry::Kind::kFree;
  if (bytes[0] < 1 || bytes[0] > 5 || alone != (entry.parent == 0) || entry.parent > pages_)
    return {};
  return entry;
}

}  // namespace cairn
