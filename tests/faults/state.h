// The whole state of a database as text, for comparison: its rows by their digest, and each
// collection's position and metadata. Times are no part of it. Collections have to be of schema
// version 1, and not local. One thread at a time.
#pragma once

#include <string>

#include "concurrency/fixture.h"

namespace cairn::testing {

inline std::string state_of(cairn_database* database) {
  const Json digest =
      Json::parse(read_table("DigestReport", call_for_bytes(cairn_database_digest, database)));
  std::string state = digest.dump();
  for (const Json& entry : digest.value("collections", Json::array())) {
    const CollectionPtr collection = open_collection(database, entry.at("name").get<std::string>());
    const std::string metadata = call_for_bytes(cairn_collection_metadata, collection.get());
    state += "\n" + info_of(collection.get()).dump() + read_table("MetadataReport", metadata);
  }
  return state;
}

// What a check finds, as JSON; empty where all is well.
inline std::string problems_of(cairn_database* database) {
  const std::string report =
      read_table("CheckReport", call_for_bytes(cairn_database_check, database, nullptr, size_t{0}));
  return Json::parse(report).value("ok", false) ? "" : report;
}

}  // namespace cairn::testing
