#include "core/collection/query_source.h"

#include <algorithm>

#include "core/query/aliases.h"
#include "core/query/evaluation_error.h"
#include "core/storage/shape_store.h"
#include "core/value/key.h"

namespace cairn {
namespace {

// Reading in an index's order is given up where it has cost as much as a scan would.
constexpr uint64_t kGiveUpFactor = 4;
constexpr uint64_t kGiveUpLeast = 1000;
// How far ahead rows are looked at so that the host is asked about many at once.
constexpr size_t kLookAhead = 8192;
// Rows of so many bytes are kept instead of being read twice.
constexpr size_t kMostKept = 256 * 1024;

bool asks_for_dates(const ExpressionPtr& expression) {
  auto is_date = [](const ExpressionNode& node) {
    return node.kind == fb::ExprKind::Call && node.function >= Function::kDate;
  };
  return expression != nullptr &&
         std::any_of(expression->nodes().begin(), expression->nodes().end(), is_date);
}

}  // namespace

QuerySource::QuerySource(int64_t collection, const LoadRequest& request)
    : collection_(collection),
      request_(request),
      subset_(request.subset),
      host_(request.host),
      to_skip_(request.subset.offset),
      to_give_(request.subset.limit) {}

void QuerySource::plan(Connection& connection, ShapeDictionary& shapes, uint64_t rows,
                       bool has_indexes) {
  rows_ = rows;
  refresh_shapes(shapes, connection);
  if (request_.keys_only || request_.fields)
    projection_.emplace(request_.keys_only ? std::vector<std::string>() : *request_.fields,
                        shapes.last_id());
  if (has_indexes && !subset_.is_plain() && !subset_.by_keys) choose_plan(connection, shapes);
  if (subset_.by_keys) plan_.access = fb::Access::Keys;
  if (subset_.where != nullptr) where_.emplace(subset_.where, fields_, host_);
  if (!subset_.order.empty()) {
    page_.emplace(subset_, fields_, host_);
    if (plan_.ordered) page_->expect_order();
  }
  describe_plan();
  begin_candidates(connection);
}

// Indexes that are whole and whose rows are all known to be in their place.
void QuerySource::choose_plan(Connection& connection, ShapeDictionary& shapes) {
  std::vector<IndexFacts> facts;
  bool loose = false;
  for (StoredIndex& index : read_indexes(connection, collection_)) {
    if (!index.state.ready || index.state.undetermined != 0) continue;
    loose |= index.state.loose != 0;
    facts.push_back({index.signature, index.definition->expressions, index.definition->where,
                     index.state.classes, index.state.entries});
    indexes_.push_back(std::move(index));
  }
  if (facts.empty()) return;
  if (!loose)
    subset_ =
        without_aliases(subset_, [&](std::string_view name) { return shapes.has_name(name); });
  auto count = [&](const IndexRanges& part, uint64_t most) {
    return reader_of(connection, part).count(part.ranges, most);
  };
  plan_ = make_plan({subset_, host_.asks(), rows_, facts, count});
}

IndexReader QuerySource::reader_of(Connection& connection, const IndexRanges& part) const {
  const StoredIndex& index = indexes_[part.index];
  return IndexReader(connection, collection_, index.id, index.definition->expressions.size());
}

void QuerySource::describe_plan() {
  report_.access = plan_.access;
  report_.ordered_by_index = plan_.ordered;
  report_.indexes.clear();
  for (const IndexRanges& part : plan_.indexes)
    report_.indexes.push_back(indexes_[part.index].signature);
  auto& names = report_.indexes;
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  report_.sorting = page_ ? page_->sorting() : fb::Sorting::None;
  report_.notes.clear();
  if (host_.asks()) return;
  for (const OrderClause& clause : subset_.order)
    if (clause.by_locale && report_.notes.empty())
      report_.notes.emplace_back("no host ranks texts for a locale: they are in lexical order");
  if (asks_for_dates(subset_.where))
    report_.notes.emplace_back(
        "no host knows a time zone: times without one are in UTC, and texts "
        "that are no ISO date are none");
}

void QuerySource::begin_candidates(Connection& connection) {
  switch (plan_.access) {
    case fb::Access::Nothing:
      candidates_ = Candidates::numbered(collection_, {});
      break;
    case fb::Access::Keys:
      candidates_ = Candidates::keyed(collection_, subset_.keys);
      break;
    case fb::Access::Index:
      candidates_ = Candidates::numbered(collection_, {});
      if (!plan_.ordered) candidates_ = Candidates::numbered(collection_, numbers_in(connection));
      break;
    case fb::Access::Scan:
      bool values_only = !request_.batch.versions && !request_.batch.metadata;
      uint64_t most = UINT64_MAX;
      if (subset_.is_plain() && to_give_ <= rows_ && to_skip_ <= rows_) most = to_give_ + to_skip_;
      candidates_ = Candidates::all(collection_, values_only || page_.has_value(), most);
  }
}

// The numbers of all rows in a plan's ranges, in the order of their insertion.
std::vector<int64_t> QuerySource::numbers_in(Connection& connection) {
  std::vector<int64_t> numbers;
  for (const IndexRanges& part : plan_.indexes) {
    IndexReader reader = reader_of(connection, part);
    const std::vector<int64_t> found = reader.numbers(part.ranges);
    numbers.insert(numbers.end(), found.begin(), found.end());
    report_.entries_read += reader.entries_read();
  }
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return numbers;
}

ShapeReader& QuerySource::shapes(ShapeReader& stored) {
  if (!projection_) return stored;
  projection_->begin(stored);
  return *projection_;
}

bool QuerySource::fill(Connection& connection, ShapeReader& shapes, BatchBuilder& builder,
                       const Interruptible& interruptible) {
  shapes_ = &shapes;
  question_.reset();
  if (!page_) return stream(connection, builder, interruptible);
  if (!found_ && !collect(connection, interruptible)) return true;
  return found_->visit(connection, interruptible, [&](const CandidateRow& row) {
    give(row, builder);
    return builder.full() ? Candidates::Visit::kStop : Candidates::Visit::kGoOn;
  });
}

QuerySource::Verdict QuerySource::judge(const CandidateRow& row) {
  if (!where_) return Verdict::kYes;
  fields_.set(row.value(), *shapes_);
  try {
    bool matches = where_->evaluate().is_true();
    if (where_->pending()) return Verdict::kPending;
    return matches ? Verdict::kYes : Verdict::kNo;
  } catch (const ValueError& error) {
    throw_unusable(row, error);
  }
}

void QuerySource::throw_unusable(const CandidateRow& row, const ValueError& error) {
  throw EvaluationError(error.status(), "the query cannot be evaluated for key " +
                                            describe_key(row.key()) + ": " + error.describe());
}

void QuerySource::give(const CandidateRow& row, BatchBuilder& builder) {
  if (request_.tap != nullptr) {
    auto choice = request_.tap->see(row.key(), row.number(), row.value(), *shapes_);
    if (choice == RowTap::Choice::kSkip) return;
  }
  ++report_.rows_decoded;
  builder.add_row(row.key(), projection_ ? projection_->apply(row.value()) : row.value(),
                  row.version(), row.metadata());
}

// Gives rows as they are found. At a row that waits for the host, those after it are looked at as
// well, so that it is asked about many at once.
bool QuerySource::stream(Connection& connection, BatchBuilder& builder,
                         const Interruptible& interruptible) {
  using Visit = Candidates::Visit;
  size_t ahead = 0;
  auto visitor = [&](const CandidateRow& row) {
    Verdict verdict = judge(row);
    if (ahead > 0 || verdict == Verdict::kPending) {
      if (ahead == 0) mark_.emplace(*candidates_);
      return ++ahead < kLookAhead ? Visit::kGoOn : Visit::kStop;
    }
    if (verdict == Verdict::kNo) return Visit::kGoOn;
    ++report_.rows_matched;
    if (to_skip_ > 0) {
      --to_skip_;
      return Visit::kGoOn;
    }
    give(row, builder);
    return --to_give_ == 0 || builder.full() ? Visit::kStop : Visit::kGoOn;
  };
  if (to_give_ == 0) return false;
  bool more = candidates_->visit(connection, interruptible, visitor);
  if (ahead > 0) {
    candidates_ = std::exchange(mark_, std::nullopt);
    // What was found before the row that waits goes out first.
    if (builder.rows() == 0) ask();
    return true;
  }
  return more && to_give_ > 0;
}

// Finds all rows of the page; false where the host has to answer first.
bool QuerySource::collect(Connection& connection, const Interruptible& interruptible) {
  if (plan_.ordered && !collect_in_order(connection, interruptible)) {
    // A scan is less work, or there are questions, which are better asked about all rows at once.
    plan_ = {};
    undecided_.clear();
    kept_.clear();
    report_.rows_matched = 0;
    page_.emplace(subset_, fields_, host_);
    describe_plan();
    begin_candidates(connection);
  }
  if (candidates_) {
    collect_from(connection, *candidates_, interruptible);
    candidates_.reset();
  } else if (!undecided_.empty()) {
    Candidates again = Candidates::numbered(collection_, std::exchange(undecided_, {}));
    collect_from(connection, again, interruptible);
  }
  if (undecided_.empty()) page_->ask();
  if (ask()) return false;
  found_ = Candidates::numbered(collection_, page_->finish(), std::move(kept_));
  return true;
}

void QuerySource::collect_from(Connection& connection, Candidates& candidates,
                               const Interruptible& interruptible) {
  candidates.visit(connection, interruptible, [&](const CandidateRow& row) {
    take(row);
    return Candidates::Visit::kGoOn;
  });
  report_.rows_read += candidates.rows_read();
}

// Judges a row, and gives it to the page.
void QuerySource::take(const CandidateRow& row) {
  Verdict verdict = judge(row);
  if (verdict == Verdict::kYes) {
    if (!where_) fields_.set(row.value(), *shapes_);
    try {
      if (page_->add(row.number(), row.key())) {
        ++report_.rows_matched;
        if (plan_.ordered) keep(row);
        return;
      }
      verdict = Verdict::kPending;
    } catch (const ValueError& error) {
      throw_unusable(row, error);
    }
  }
  if (verdict == Verdict::kPending) undecided_.push_back(row.number());
}

void QuerySource::keep(const CandidateRow& row) {
  if (kept_bytes_ > kMostKept) return;
  kept_bytes_ += kept_.emplace_back(row).bytes();
}

// Reads rows in the index's order until the page is full; false where too few of them match.
bool QuerySource::collect_in_order(Connection& connection, const Interruptible& interruptible) {
  const IndexRanges& part = plan_.indexes[0];
  IndexReader reader = reader_of(connection, part);
  uint64_t most = std::max(rows_ / kGiveUpFactor, kGiveUpLeast), read = 0;
  auto visitor = [&](const CandidateRow& row) {
    if (read % Interruptible::kRows == 0) interruptible.check();
    take(row);
    return ++read < most && undecided_.empty() && !page_->is_full();
  };
  try {
    plan_.descending ? reader.visit_descending(part.ranges, visitor)
                     : reader.visit(part.ranges, visitor);
  } catch (const Error& error) {
    expect_index(connection, indexes_[part.index].id, error);
    throw;
  }
  report_.entries_read += reader.entries_read();
  report_.rows_read += read;
  plan_.ordered = false;
  return page_->is_full() || (read < most && undecided_.empty());
}

// Where no snapshot is held, another index may have taken the place of one that is planned with.
void QuerySource::expect_index(Connection& connection, int64_t id, const Error& error) const {
  if (!Connection::is_missing_table(error) && error.status() != Status::kHost) return;
  for (const StoredIndex& index : read_indexes(connection, collection_))
    if (index.id == id) return;
  throw Error(Status::kSnapshotExpired,
              "an index was replaced while this cursor was open; load again", 0, true);
}

// Sets the question that comes next, if there is one.
bool QuerySource::ask() {
  question_ = host_.next();
  return question_.has_value();
}

void QuerySource::answer(Bytes portable) {
  host_.answer(portable);
  question_.reset();
}

QueryReport QuerySource::report() const {
  QueryReport report = report_;
  if (!page_ && candidates_) report.rows_read += candidates_->rows_read();
  report.questions = host_.asked();
  return report;
}

}  // namespace cairn
