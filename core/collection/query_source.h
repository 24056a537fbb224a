// The rows of a subset: goes through the candidates that a plan names, evaluates the predicate on
// each, and gives the page that was asked for in its order. What needs a host is put off until it
// has answered. One thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/collection/candidates.h"
#include "core/collection/index_reader.h"
#include "core/collection/index_table.h"
#include "core/collection/projection.h"
#include "core/collection/row_source.h"
#include "core/query/page.h"

namespace cairn {

class QuerySource : public RowSource {
 public:
  QuerySource(int64_t collection, const LoadRequest& request);

  // Decides how the rows are found, over the snapshot that they are read from.
  void plan(Connection& connection, ShapeDictionary& shapes, uint64_t rows, bool has_indexes);

  ShapeReader& shapes(ShapeReader& stored) override;
  bool fill(Connection& connection, ShapeReader& shapes, BatchBuilder& builder,
            const Interruptible& interruptible) override;
  std::optional<HostQuestion> question() override { return question_; }
  void answer(Bytes portable) override;
  QueryReport report() const override;

 private:
  enum class Verdict : uint8_t { kNo, kYes, kPending };

  void choose_plan(Connection& connection, ShapeDictionary& shapes);
  void describe_plan();
  void begin_candidates(Connection& connection);
  IndexReader reader_of(Connection& connection, const IndexRanges& part) const;
  std::vector<int64_t> numbers_in(Connection& connection);

  bool stream(Connection& connection, BatchBuilder& builder, const Interruptible& interruptible);
  bool collect(Connection& connection, const Interruptible& interruptible);
  bool collect_in_order(Connection& connection, const Interruptible& interruptible);
  // Throws kSnapshotExpired where that explains the error.
  void expect_index(Connection& connection, int64_t id, const Error& error) const;
  void collect_from(Connection& connection, Candidates& candidates,
                    const Interruptible& interruptible);
  void take(const CandidateRow& row);
  void keep(const CandidateRow& row);
  bool ask();

  Verdict judge(const CandidateRow& row);
  void give(const CandidateRow& row, BatchBuilder& builder);
  [[noreturn]] static void throw_unusable(const CandidateRow& row, const ValueError& error);

  int64_t collection_;
  const LoadRequest request_;
  Subset subset_;  // of the request; without aliases, where that is known to be the same
  HostAnswers host_;
  RowFields fields_;
  std::optional<Evaluator> where_;
  std::optional<Page> page_;  // where there is an order
  std::optional<Projection> projection_;
  ShapeReader* shapes_ = nullptr;

  std::vector<StoredIndex> indexes_;
  Plan plan_;
  uint64_t rows_ = 0;  // of the collection
  std::optional<Candidates> candidates_;
  std::optional<Candidates> mark_;  // where looking ahead began
  std::vector<int64_t> undecided_;  // rows that wait for the host
  std::vector<KeptRow> kept_;       // the first of the rows that an index gives in their order
  size_t kept_bytes_ = 0;
  std::optional<Candidates> found_;  // the rows of the page in their order
  std::optional<HostQuestion> question_;
  uint64_t to_skip_;
  uint64_t to_give_;
  QueryReport report_;
};

}  // namespace cairn
