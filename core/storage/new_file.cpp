#include "core/storage/new_file.h"

#include <filesystem>

#include "core/platform/file.h"
#include "core/value/status.h"

namespace cairn {

NewFile::NewFile(std::string path) : path_(std::move(path)), draft_(path_ + "-salvage") {
  expect_free();
  remove_draft();  // of one that was stopped
}

NewFile::~NewFile() { remove_draft(); }

void NewFile::expect_free() const {
  std::error_code error;
  for (const char* ending : {"", "-wal"})
    if (std::filesystem::exists(std::filesystem::symlink_status(path_ + ending, error)))
      throw Error(Status::kCannotOpen,
                  "there is a file " + path_ + ending + " already: give the path of a new one");
}

void NewFile::remove_draft() const {
  std::error_code ignored;
  for (const char* ending : {"", "-wal", "-shm"}) std::filesystem::remove(draft_ + ending, ignored);
}

void NewFile::publish() {
  expect_free();
  std::error_code error;
  if (std::filesystem::exists(draft_ + "-wal", error))
    throw Error(Status::kIo, "the journal of " + draft_ + " could not be moved into it; try again");
  std::filesystem::rename(draft_, path_, error);
  if (error)
    throw Error(Status::kIo, "cannot rename " + draft_ + " to " + path_ + ": " + error.message());
  sync_folder_of(path_);
}

}  // namespace cairn
