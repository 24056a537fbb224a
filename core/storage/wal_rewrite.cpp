#include "core/storage/wal_rewrite.h"

#include <vector>

#include "core/storage/database_files.h"
#include "core/storage/wal_frames.h"

namespace cairn {
namespace {

// What the journal's index (https://sqlite.org/walformat.html) says of the newest transaction, in
// its first 48 bytes, as words of the machine's byte order.
struct IndexHeader {
  uint32_t frames;
  WalFrames::Sums sums;
};

IndexHeader read_index(sqlite3* database) {
  constexpr int kPartSize = 32768;
  sqlite3_file* file = nullptr;
  volatile void* part = nullptr;
  sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  int code = file->pMethods->xShmMap(file, 0, kPartSize, 0, &part);
  if (code == SQLITE_OK && part == nullptr) code = SQLITE_IOERR_SHMMAP;
  if (code != SQLITE_OK) throw_sqlite(code, sqlite3_errstr(code), "read the journal's index");
  auto* words = static_cast<volatile uint32_t*>(part);
  return {words[4], {words[6], words[7]}};
}

// A part of the journal's file; false where it ends before.
bool read(sqlite3_file* file, std::vector<uint8_t>& bytes, sqlite3_int64 at) {
  int code = file->pMethods->xRead(file, bytes.data(), static_cast<int>(bytes.size()), at);
  if (code == SQLITE_IOERR_SHORT_READ) return false;
  if (code != SQLITE_OK) throw_sqlite(code, sqlite3_errstr(code), "read the journal");
  return true;
}

void write(sqlite3_file* file, const std::vector<uint8_t>& bytes, sqlite3_int64 at) {
  int code = file->pMethods->xWrite(file, bytes.data(), static_cast<int>(bytes.size()), at);
  if (code != SQLITE_OK) throw_sqlite(code, sqlite3_errstr(code), "write the journal again");
}

bool rewrite(NativeConnection& connection) {
  IndexHeader index = read_index(connection.handle());
  if (index.frames == 0) return true;  // the next transaction begins the journal anew
  sqlite3_file* file = journal_of(connection);
  WalFrames frames;
  std::vector<uint8_t> bytes(WalFrames::kHeader);
  if (!read(file, bytes, 0) || !frames.begin(bytes.data())) return false;
  write(file, bytes, 0);
  bytes.resize(frames.frame_size());
  sqlite3_int64 at = WalFrames::kHeader;
  for (uint32_t i = 0; i < index.frames; ++i, at += static_cast<sqlite3_int64>(bytes.size())) {
    if (!read(file, bytes, at) || !frames.next(bytes.data())) return false;
    write(file, bytes, at);
  }
  // A journal that was begun anew, and then fell back to what it was, would be whole otherwise.
  return frames.sums() == index.sums;
}

}  // namespace

sqlite3_file* journal_of(NativeConnection& connection) {
  sqlite3_file* journal = nullptr;
  for (bool again : {true, false}) {
    sqlite3_file_control(connection.handle(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &journal);
    if (journal != nullptr && journal->pMethods != nullptr) return journal;
    // SQLite opens the journal with the first read.
    if (again) connection.integer("SELECT 1 FROM cairn_format");
  }
  throw Error(Status::kIo, "cannot sync: the journal is not open", SQLITE_IOERR_FSYNC, true);
}

bool rewrite_journal(NativeConnection& connection) {
  try {
    connection.begin();
    bool whole = rewrite(connection);
    connection.rollback();
    return whole;
  } catch (const Error& error) {
    connection.rollback();
    // To begin, SQLite reads the first page, and the journal may have the newest one.
    if (is_damage(error.status())) return false;
    throw;
  }
}

}  // namespace cairn
