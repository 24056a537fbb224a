// A database that appears under its name when it is complete, and not at all otherwise. One thread.
#pragma once

#include <string>

namespace cairn {

class NewFile {
 public:
  // Throws kCannotOpen where there is something of that name.
  explicit NewFile(std::string path);
  // Removes what was not published.
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  // Where to write it until then.
  const std::string& draft() const { return draft_; }
  // Gives it its name; the database must be closed.
  void publish();

 private:
  void expect_free() const;
  void remove_draft() const;

  std::string path_;
  std::string draft_;
};

}  // namespace cairn
