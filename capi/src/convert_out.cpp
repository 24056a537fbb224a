// Results on their way out.

#include "convert_parts.h"
#include "core/value/key.h"

namespace cairn::capi {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using flatbuffers::Vector;

Offset<Vector<uint8_t>> put_keys(FlatBufferBuilder& builder, const std::vector<std::string>& keys) {
  if (keys.empty()) return 0;
  ByteBuffer portable;
  TupleWriter writer(portable, 1);
  size_t start = writer.open(kArray);
  portable.put_varint(keys.size());
  TupleWriter items(portable, keys.size());
  for (const std::string& key : keys) put_key(as_bytes(key), items);
  writer.close(start);
  return put_bytes(builder, portable.bytes());
}

Offset<fb::Problem> put(FlatBufferBuilder& builder, const Problem& problem) {
  Offset<Vector<uint8_t>> key = 0;
  if (!problem.key.empty()) {
    ByteBuffer portable;
    TupleWriter writer(portable, 1);
    try {
      put_key(as_bytes(problem.key), writer);
      key = put_bytes(builder, portable.bytes());
    } catch (const Error&) {
      // The key itself is what is damaged.
    }
  }
  auto collection = builder.CreateString(problem.collection);
  return fb::CreateProblem(builder, collection, key, builder.CreateString(problem.message));
}

// Absent where it is empty.
Offset<flatbuffers::String> put_some(TableBuilder& builder, const std::string& text) {
  if (text.empty()) return 0;
  return builder.CreateString(text);
}

Offset<fb::SalvagedCollection> put(FlatBufferBuilder& builder, const SalvagedCollection& one) {
  auto name = builder.CreateString(one.name);
  auto keys = put_keys(builder, one.damaged_keys);
  return fb::CreateSalvagedCollection(builder, name, one.named, one.state_found, one.schema_version,
                                      one.local, one.recovered, one.expected, one.lost(),
                                      one.damaged, keys, one.metadata_lost, one.metadata_entries,
                                      one.whole);
}

Offset<fb::IndexInfo> put(FlatBufferBuilder& builder, const IndexInfo& info) {
  std::string over;
  for (const ExpressionPtr& expression : info.definition->expressions)
    over += (over.empty() ? "" : ", ") + expression->describe();
  if (info.definition->where != nullptr) over += " where " + info.definition->where->describe();
  auto signature = builder.CreateString(info.signature);
  return fb::CreateIndexInfo(builder, signature, info.state.ready, info.state.rows, info.rows,
                             info.state.entries, builder.CreateString(over));
}

}  // namespace

// Writes fields that have their default, too, so that a result in JSON shows all of them.
TableBuilder with_defaults(size_t size) {
  TableBuilder builder(size);
  builder.ForceDefaults(true);
  return builder;
}

Table to_table(const DatabaseInfo& info) {
  TableBuilder builder = with_defaults();
  std::vector<Offset<fb::CollectionSummary>> collections;
  for (const CollectionSummary& one : info.collections)
    collections.push_back(fb::CreateCollectionSummary(builder, builder.CreateString(one.name),
                                                      one.schema_version, one.local, one.rows,
                                                      one.row_version));
  auto path = builder.CreateString(info.path);
  auto engine = builder.CreateString(CAIRN_VERSION);
  auto sqlite = builder.CreateString(info.sqlite_version);
  auto list = builder.CreateVector(collections);
  auto damaged = put_some(builder, info.damage.file);
  auto damage = put_some(builder, info.damage.message);
  return builder.finish(fb::CreateDatabaseInfo(builder, path, info.format_version, engine, sqlite,
                                               info.store.file_bytes, info.store.journal_bytes,
                                               info.store.free_bytes, info.shapes, info.read_only,
                                               list, damaged, damage));
}

Table to_table(const BackupReport& report) {
  TableBuilder builder = with_defaults();
  auto replaced = put_some(builder, report.replaced);
  return builder.finish(fb::CreateBackupReport(builder, report.rows, report.file_bytes, replaced));
}

Table to_table(const CheckReport& report) {
  TableBuilder builder = with_defaults();
  std::vector<Offset<fb::Problem>> problems;
  for (const Problem& problem : report.problems) problems.push_back(put(builder, problem));
  auto list = builder.CreateVector(problems);
  return builder.finish(fb::CreateCheckReport(builder, report.problem_count == 0,
                                              report.pages_checked, report.rows, list,
                                              report.problem_count));
}

Table to_table(const DigestReport& report) {
  TableBuilder builder = with_defaults();
  std::vector<Offset<fb::CollectionDigest>> collections;
  for (const CollectionDigest& one : report.collections) {
    auto name = builder.CreateString(one.name);
    collections.push_back(
        fb::CreateCollectionDigest(builder, name, one.rows, builder.CreateString(one.digest)));
  }
  auto digest = builder.CreateString(report.digest);
  return builder.finish(fb::CreateDigestReport(builder, digest, builder.CreateVector(collections)));
}

Table to_table(const CollectionInfo& info) {
  TableBuilder builder = with_defaults();
  auto name = builder.CreateString(info.name);
  auto position = put(builder, info.state.position());
  std::vector<Offset<fb::IndexInfo>> indexes;
  for (const IndexInfo& index : info.indexes) indexes.push_back(put(builder, index));
  return builder.finish(fb::CreateCollectionInfo(
      builder, name, info.state.schema_version, info.state.local, info.state.rows, position,
      info.state.horizon, info.was_reset, builder.CreateVector(indexes)));
}

Table to_table(const IndexInfo& info) {
  TableBuilder builder = with_defaults();
  return builder.finish(put(builder, info));
}

Table to_table(const HostQuestion& question) {
  TableBuilder builder = with_defaults();
  auto values = put_bytes(builder, as_bytes(question.values));
  return builder.finish(
      fb::CreateQuestion(builder, question.kind, values, builder.CreateString(question.locale)));
}

Table to_table(const QueryReport& report) {
  TableBuilder builder = with_defaults();
  auto indexes = builder.CreateVectorOfStrings(report.indexes);
  auto notes = builder.CreateVectorOfStrings(report.notes);
  return builder.finish(fb::CreateExplanation(
      builder, report.access, indexes, report.ordered_by_index, report.sorting, report.entries_read,
      report.rows_read, report.rows_matched, report.rows_decoded, report.questions, notes));
}

Table to_table(const MetadataReport& report) {
  TableBuilder builder = with_defaults();
  auto entries = put(builder, report.entries);
  auto position = put(builder, report.position);
  return builder.finish(fb::CreateMetadataReport(builder, entries, position));
}

Table to_table(const CursorHead& head) {
  TableBuilder builder = with_defaults();
  return builder.finish(put(builder, head));
}

Table to_table(const CommitResult& result) {
  TableBuilder builder = with_defaults();
  auto position = put(builder, result.position);
  auto inserted = put_keys(builder, result.inserted_keys);
  auto updated = put_keys(builder, result.updated_keys);
  auto deleted = put_keys(builder, result.deleted_keys);
  return builder.finish(fb::CreateCommitResult(
      builder, static_cast<fb::Outcome>(result.outcome), position, result.previous_version,
      static_cast<fb::Durability>(result.durability), result.inserted, result.updated,
      result.deleted, result.unchanged, inserted, updated, deleted));
}

Table to_table(const SalvageReport& report) {
  TableBuilder builder = with_defaults();
  std::vector<Offset<fb::SalvagedCollection>> collections;
  for (const SalvagedCollection& one : report.collections) collections.push_back(put(builder, one));
  auto list = builder.CreateVector(collections);
  return builder.finish(fb::CreateSalvageReport(
      builder, report.is_complete(), list, report.rows, report.pages, report.damaged_pages,
      report.page_size, report.shapes, report.journal_used));
}

}  // namespace cairn::capi
