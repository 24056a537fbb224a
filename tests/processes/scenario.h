// What the processes write, so that a test knows what has to be there in the end. Plain functions.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/replica/types.h"

namespace cairn::processes {

// Mutation `number` of a writer: a row of its own, and each fifth one removes an earlier row, which
// is there again if that one's mutation is applied twice.
ReplicaEvent mutation(const std::string& writer, int number);
std::string number_of(const std::string& mutation_id);
// The keys that are there after `count` mutations.
std::vector<std::string> keys_after(const std::string& writer, int count);

// Entry `at` of the log that sources follow, as events of a transaction with its cursor.
std::vector<ReplicaEvent> log_entry(int at);
std::map<std::string, std::string> rows_of_log(int entries);
int cursor_of(const std::vector<MetadataEntry>& metadata);

// Rows as text: equal for equal keys and values.
std::string digest_of(const std::map<std::string, std::string>& rows);

}  // namespace cairn::processes
