#include "scenario.h"

#include <set>

#include "core/value/canonical.h"
#include "support/collections.h"

namespace cairn::processes {
namespace {

constexpr int kKeys = 50;

std::string key_of(const std::string& writer, int number) {
  return writer + "-" + std::to_string(number);
}

Object entry_value(int at) { return {{"n", static_cast<double>(at)}}; }
bool entry_deletes(int at) { return at % 7 == 3; }
std::string entry_key(int at) { return "k" + std::to_string(at * 31 % kKeys); }

}  // namespace

ReplicaEvent mutation(const std::string& writer, int number) {
  unit::Changes changes;
  changes.insert(key_of(writer, number), {{"n", static_cast<double>(number)}});
  if (number % 5 == 4) changes.remove(key_of(writer, number - 4));
  ReplicaEvent event;
  event.kind = fb::EventKind::Mutate;
  event.id = key_of(writer, number);
  event.mutation_ids = {event.id};
  event.batch = changes.batch();
  return event;
}

std::string number_of(const std::string& mutation_id) {
  return mutation_id.substr(mutation_id.rfind('-') + 1);
}

std::vector<std::string> keys_after(const std::string& writer, int count) {
  std::set<std::string> keys;
  for (int i = 0; i < count; ++i) keys.insert(key_of(writer, i));
  for (int i = 4; i < count; i += 5) keys.erase(key_of(writer, i - 4));
  return {keys.begin(), keys.end()};
}

std::vector<ReplicaEvent> log_entry(int at) {
  unit::Changes changes;
  if (entry_deletes(at)) {
    changes.remove(entry_key(at));
  } else {
    changes.insert(entry_key(at), entry_value(at));
  }
  std::vector<ReplicaEvent> events(3);
  events[0].kind = fb::EventKind::SourceBegin;
  events[1].kind = fb::EventKind::SourceWrite;
  events[1].batch = changes.batch();
  events[2].kind = fb::EventKind::SourceCommit;
  events[2].metadata.push_back({"cursor", unit::portable(static_cast<double>(at + 1))});
  return events;
}

std::map<std::string, std::string> rows_of_log(int entries) {
  std::map<std::string, std::string> rows;
  for (int at = 0; at < entries; ++at) {
    if (entry_deletes(at)) {
      rows.erase(entry_key(at));
    } else {
      rows[entry_key(at)] = unit::canonical_of(entry_value(at));
    }
  }
  return rows;
}

int cursor_of(const std::vector<MetadataEntry>& metadata) {
  for (const MetadataEntry& entry : metadata)
    if (entry.key == "cursor")
      return static_cast<int>(*unit::from_portable(*entry.value).get<double>());
  return 0;
}

std::string digest_of(const std::map<std::string, std::string>& rows) {
  Digest digest;
  for (const auto& [key, value] : rows) {
    digest.add(as_bytes(key));
    digest.add(as_bytes(value));
  }
  return std::to_string(rows.size()) + " rows, " + to_hex(digest.result());
}

}  // namespace cairn::processes
