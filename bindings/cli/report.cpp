// Rows become cells field by field; the values themselves are never parsed as a whole.
#include "report.h"

#include "json_scan.h"
#include "session.h"
#include "terminal.h"
#include "text.h"

namespace cairn::cli {
namespace {

const char* outcome_name(fb::Outcome outcome) {
  switch (outcome) {
    case fb::Outcome::Applied:
      return "applied";
    case fb::Outcome::Unchanged:
      return "unchanged";
    case fb::Outcome::Ignored:
      return "ignored";
    default:
      return "repeated";
  }
}

std::string state_of(const fb::IndexInfo& index) {
  if (index.ready()) return "ready";
  return "being built: " + grouped(index.rows_done()) + " of " +
         counted(index.rows_total(), "row", "rows");
}

}  // namespace

void print_json(const Json& json) {
  print(json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

Json parsed(std::string_view json) { return Json::parse(json); }

Json to_json(const fb::Position* position) {
  if (position == nullptr) return nullptr;
  return {{"term", position->term()},
          {"seq", position->seq()},
          {"row_version", position->row_version()},
          {"reset_epoch", position->reset_epoch()}};
}

Json to_json(const fb::CommitResult& result) {
  return {{"outcome", outcome_name(result.outcome())},
          {"inserted", result.inserted()},
          {"updated", result.updated()},
          {"deleted", result.deleted()},
          {"unchanged", result.unchanged()},
          {"previous_version", result.previous_version()},
          {"position", to_json(result.position())}};
}

std::string describe_counts(const fb::CommitResult& result) {
  return grouped(result.inserted()) + " inserted, " + grouped(result.updated()) + " updated, " +
         grouped(result.deleted()) + " deleted, " + grouped(result.unchanged()) + " unchanged";
}

void print_indexes(const Indexes* indexes) {
  if (indexes == nullptr || indexes->size() == 0) return;
  Table table(terminal_width(stdout));
  for (const char* heading : {"index", "over", "entries", "state"}) table.column(heading);
  for (const auto* index : *indexes) {
    table.add({{printable(view_of(index->signature())), false},
               {printable(view_of(index->definition())), false},
               {grouped(index->entries()), true},
               {state_of(*index), false}});
  }
  table.finish();
}

Json to_json(const fb::IndexInfo& index) {
  return {{"signature", view_of(index.signature())},
          {"definition", view_of(index.definition())},
          {"ready", index.ready()},
          {"entries", index.entries()},
          {"rows_done", index.rows_done()},
          {"rows_total", index.rows_total()}};
}

uint64_t for_each_row(Cursor& cursor, const std::function<void(std::string_view)>& row) {
  uint64_t rows = 0;
  while (const auto batch = cursor.next()) {
    const Buffer lines = batch_to_json(batch->bytes());
    for_each_line(lines.text(), [&](std::string_view line) {
      row(line);
      ++rows;
    });
  }
  return rows;
}

void print_line(std::string_view line) {
  print(line);
  print("\n");
}

RowTable::RowTable(size_t width, bool changes) : table_(width), changes_(changes) {
  if (changes_) table_.add_column("change");
  key_column_ = table_.add_column("key");
}

void RowTable::put(std::vector<Cell>& row, size_t column, std::string_view json, bool& complete) {
  if (column == Table::kNone) {
    complete = false;
    return;
  }
  if (row.size() <= column) row.resize(column + 1);
  row[column] = cell_of(json);
}

void RowTable::find_key_field(const RowLine& row) {
  if (key_field_ || row.value.empty()) return;
  key_field_ = "";
  for_each_member(row.value, [&](std::string_view name, std::string_view value) {
    if (key_field_->empty() && value == row.key) key_field_ = name;
  });
  if (!key_field_->empty()) table_.rename(key_column_, *key_field_ + " (key)");
}

void RowTable::add(std::string_view line) {
  const RowLine parts = row_line(line);
  find_key_field(parts);
  std::vector<Cell> row;
  if (changes_) row.push_back({parts.op == "\"delete\"" ? "deleted" : "changed", false});
  row.push_back(cell_of(parts.key));
  bool complete = true;
  if (!parts.version.empty()) {
    if (!version_column_) version_column_ = table_.add_column("(version)");
    put(row, *version_column_, parts.version, complete);
  }
  if (!parts.metadata.empty()) {
    if (!metadata_column_) metadata_column_ = table_.add_column("(metadata)");
    put(row, *metadata_column_, parts.metadata, complete);
  }
  if (!parts.value.empty()) {
    for_each_member(parts.value, [&](std::string_view name, std::string_view value) {
      if (name == *key_field_ && value == parts.key) return;
      put(row, table_.column(name), value, complete);
    });
  }
  if (!complete) table_.note_incomplete_row();
  table_.add(std::move(row));
}

void RowTable::finish() {
  table_.finish();
  const uint64_t rows = table_.incomplete_rows();
  if (rows == 0) return;
  const std::string note = counted(rows, "row has", "rows have") +
                           " fields that the table does not show; --json gives them all.\n";
  std::fputs(note.c_str(), stderr);
}

}  // namespace cairn::cli
