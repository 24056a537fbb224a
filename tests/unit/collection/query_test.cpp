// What queries give: the same rows with indexes and without, page by page, while rows and indexes
// change. That they are those of @tanstack/db is tested in tests/differential.
#include <gtest/gtest.h>

#include <sqlite3.h>
#include <algorithm>

#include "core/storage/native_connection.h"
#include "support/collections.h"
#include "support/expressions.h"

namespace cairn::unit::query_tests {
namespace {

using Keys = std::vector<std::string>;  // encoded

std::string lower_ascii(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return text;
}

// Texts by their letters alone: "a" ties with "A". No text is a date, and a date reads as "day".
Array answers_to(const HostQuestion& question) {
  Value values = from_portable(question.values);
  Array texts = *values.get<Array>(), answers;
  Keys ranked;
  for (const Value& text : texts)
    if (auto* plain = text.get<std::string>()) ranked.push_back(lower_ascii(*plain));
  Keys sorted = ranked;
  std::sort(sorted.begin(), sorted.end());
  for (size_t i = 0; i < texts.size(); ++i) {
    switch (question.kind) {
      case fb::QuestionKind::Rank:
        answers.emplace_back(static_cast<double>(
            std::lower_bound(sorted.begin(), sorted.end(), ranked[i]) - sorted.begin()));
        break;
      case fb::QuestionKind::ParseDate:
        answers.emplace_back(std::numeric_limits<double>::quiet_NaN());
        break;
      case fb::QuestionKind::DateText:
        answers.emplace_back("day");
    }
  }
  return answers;
}

struct Answered {
  BatchRows rows;
  QueryReport report;
  size_t questions = 0;

  Keys keys() const {
    Keys keys;
    for (const BatchRow& row : rows) keys.push_back(encoded_key(row.key));
    return keys;
  }
};

Answered read(std::shared_ptr<Collection> collection, const LoadRequest& request) {
  Answered result;
  auto cursor = Cursor::load(std::move(collection), request);
  MemoryShapes shapes;
  while (true) {
    CursorStep step = cursor->next();
    if (step.question) {
      std::string answers = portable(answers_to(*step.question));
      cursor->answer(as_bytes(answers));
      ++result.questions;
    } else if (step.batch) {
      BatchRows rows = read_batch(bytes_of(*step.batch), shapes);
      result.rows.insert(result.rows.end(), rows.begin(), rows.end());
    } else {
      break;
    }
  }
  result.report = cursor->report();
  return result;
}

OrderClause by(const Tree& tree, bool descending = false, bool nulls_last = false) {
  OrderClause clause;
  clause.expression = tree.read();
  clause.descending = descending;
  clause.nulls_last = nulls_last;
  return clause;
}

LoadRequest where(const Tree& predicate) {
  LoadRequest request;
  request.subset.where = predicate.read();
  return request;
}

IndexRequest index_over(const std::string& signature, const std::vector<Tree>& trees,
                        uint64_t max_rows = 0) {
  IndexRequest request;
  request.signature = signature;
  request.max_rows = max_rows;
  for (const Tree& tree : trees) request.definition.expressions.push_back(tree.read());
  return request;
}

// Values of every class, with neighbours that are easily taken for each other.
const std::vector<Value>& values() {
  static const double kInfinity = std::numeric_limits<double>::infinity();
  static const std::vector<Value> kValues = {nullptr,
                                             false,
                                             true,
                                             0,
                                             -0.0,
                                             1,
                                             2,
                                             2.5,
                                             9,
                                             10,
                                             -3,
                                             1e300,
                                             kInfinity,
                                             -kInfinity,
                                             std::numeric_limits<double>::quiet_NaN(),
                                             BigInt::parse("1"),
                                             BigInt::parse("-3"),
                                             BigInt::parse("9007199254740993"),
                                             "",
                                             "a",
                                             "A",
                                             "ab",
                                             "b",
                                             "10",
                                             "9",
                                             "2",
                                             "a%",
                                             std::string("a\0b", 3),
                                             "ä",
                                             "\U0001F600",
                                             "\U0001F600x",
                                             "\uFFFF",
                                             "\xed\xa0\xbd",
                                             Date{1},
                                             Date{2},
                                             Date{1000},
                                             Date{-5},
                                             std::vector<uint8_t>{},
                                             std::vector<uint8_t>{1, 2},
                                             Array{},
                                             Array{1},
                                             Array{1, 2},
                                             Array{"a"},
                                             Array{nullptr},
                                             Object{{"x", 1}},
                                             Object{}};
  return kValues;
}

// Random rows, predicates and orders, from a seed.
class RandomQueries {
 public:
  explicit RandomQueries(uint64_t seed) : random_(seed) {}
  Random& random() { return random_; }

  Value key() {
    auto n = static_cast<int>(random_.below(400));
    return random_.chance(50) ? Value(n) : Value("k" + std::to_string(n));
  }

  Object row() {
    Object row;
    if (random_.chance(85)) row.push_back({"a", random_.pick(values())});
    if (random_.chance(90)) row.push_back({"b", static_cast<int>(random_.below(4))});
    if (random_.chance(30)) row.push_back({"c", random_.pick(values())});
    if (random_.chance(3)) row.push_back({"todos", Object{{"a", random_.pick(values())}}});
    return row;
  }

  Changes changes(size_t count) {
    Changes changes;
    for (size_t i = 0; i < count; ++i) {
      if (random_.chance(75)) {
        changes.insert(key(), row());
      } else {
        random_.chance(50) ? changes.update(key(), row()) : changes.remove(key());
      }
    }
    return changes;
  }

  Tree source() {
    switch (random_.below(9)) {
      case 0:
        return ref("b");
      case 1:
        return ref("todos", "a");
      case 2:
        return ref("a", "x");
      case 3:
        return call("upper", ref("a"));
      case 4:
        return call("coalesce", ref("c"), ref("b"));
      case 5:
        return ref("c");
      default:
        return ref("a");
    }
  }

  Tree predicate(int depth = 2) {
    if (depth > 0 && random_.chance(50)) {
      const char* join = random_.chance(60) ? "and" : "or";
      return random_.chance(80) ? call(join, predicate(depth - 1), predicate(depth - 1))
                                : call("not", predicate(depth - 1));
    }
    static const std::vector<std::string> kRelations = {"eq", "eq", "eq", "gt", "gte", "lt", "lte"};
    switch (random_.below(8)) {
      case 0:
        return call(random_.chance(50) ? "isNull" : "isUndefined", source());
      case 1:
        return call("like", source(), val(random_.pick(patterns())));
      case 2:
        return call("in", source(), val(list()));
      case 3:
        return call(random_.pick(kRelations), val(random_.pick(values())), source());
      default:
        return call(random_.pick(kRelations), source(), val(random_.pick(values())));
    }
  }

  LoadRequest request(bool host) {
    LoadRequest request;
    request.host = host;
    request.batch.most_rows = random_.chance(50) ? 7 : 4096;
    if (random_.chance(60)) request.subset.where = predicate().read();
    if (random_.chance(20)) request.subset.where = call("eq", ref("b"), val(1)).read();
    request.subset.order = random_.chance(50) ? order_of_an_index() : order(host);
    if (random_.chance(60)) request.subset.limit = random_.below(12);
    if (random_.chance(30)) request.subset.offset = random_.below(9);
    if (!request.subset.order.empty() && random_.chance(40))
      request.subset.after = boundary(request);
    return request;
  }

 private:
  static const std::vector<Value>& patterns() {
    static const std::vector<Value> kPatterns = {"a%",  "%",  "",   "a",     "_b", "\U0001F600%",
                                                 "ä_%", "10", "a_", nullptr, 5,    "\xed\xa0\xbd%",
                                                 "A%"};
    return kPatterns;
  }

  std::vector<OrderClause> order(bool host) {
    std::vector<OrderClause> order;
    for (size_t left = random_.below(4); left > 0; --left) {
      order.push_back(by(source(), random_.chance(50), random_.chance(50)));
      order.back().by_locale = random_.chance(host ? 40 : 10);
    }
    return order;
  }

  std::vector<OrderClause> order_of_an_index() {
    static const std::vector<std::vector<Tree>> kOrders = {{ref("a")},
                                                           {ref("b"), ref("a")},
                                                           {call("upper", ref("a"))},
                                                           {ref("c")},
                                                           {ref("c"), ref("b")}};
    std::vector<OrderClause> order;
    bool descending = random_.chance(50), odd = random_.chance(20);
    for (const Tree& tree : random_.pick(kOrders))
      order.push_back(by(tree, descending, descending != odd));
    return order;
  }

  Value list() {
    Array list;
    for (size_t left = random_.below(5); left > 0; --left) list.push_back(random_.pick(values()));
    return list;
  }

  PageBoundary boundary(LoadRequest& request) {
    PageBoundary boundary;
    size_t clauses = request.subset.order.size();
    bool with_key = random_.chance(60);
    size_t count = with_key ? clauses : 1 + random_.below(clauses);
    for (size_t i = 0; i < count; ++i) boundary.values.push_back(portable(random_.pick(values())));
    if (with_key) boundary.key = encoded_key(key());
    request.subset.offset = 0;
    return boundary;
  }

  Random random_;
};

class Queries : public CollectionTest {
 protected:
  Queries() : indexed_(open("indexed")), plain_(open("plain")) {}

  void apply_to_both(const Changes& changes, const TransactionOptions& options = {}) {
    apply(indexed_, changes, options);
    apply(plain_, changes, options);
  }

  void make_indexes() {
    indexed_->ensure_index(index_over("a", {ref("a")}));
    indexed_->ensure_index(index_over("b a", {ref("b"), ref("a")}));
    indexed_->ensure_index(index_over("upper", {call("upper", ref("a"))}));
    indexed_->ensure_index(index_over("c", {ref("c"), ref("b")}));
    IndexRequest partial = index_over("partial", {ref("c")});
    partial.definition.where = call("eq", ref("b"), val(1)).read();
    indexed_->ensure_index(partial);
  }

  // Whether both give the same, and how the one with indexes got it.
  QueryReport compare(const LoadRequest& request, const std::string& context) {
    Answered found = read(indexed_, request), expected = read(plain_, request);
    EXPECT_EQ(found.keys(), expected.keys()) << context << " " << describe(request);
    EXPECT_EQ(found.rows.size(), found.report.rows_decoded) << context;
    return found.report;
  }

  static std::string describe(const LoadRequest& request) {
    std::string text = request.subset.where ? request.subset.where->describe() : "all";
    for (const OrderClause& clause : request.subset.order)
      text += "; " + clause.expression->describe() + (clause.descending ? " desc" : "") +
              (clause.nulls_last ? " nulls last" : "") + (clause.by_locale ? " locale" : "");
    return text + "; limit " + std::to_string(request.subset.limit) + " offset " +
           std::to_string(request.subset.offset);
  }

  // All rows, page by page, each from the last row of the one before.
  static Keys pages(std::shared_ptr<Collection> collection, LoadRequest request,
                    const Keys& fields) {
    Keys keys;
    for (size_t page = 0; page < 1000; ++page) {
      Answered found = read(collection, request);
      if (found.rows.empty()) break;
      Keys next = found.keys();
      keys.insert(keys.end(), next.begin(), next.end());
      Value last = found.rows.back().value;
      request.subset.after = PageBoundary{{}, next.back()};
      for (const std::string& field : fields) {
        const Value* value = last.find(field);
        request.subset.after->values.push_back(portable(value ? *value : Value(nullptr)));
      }
    }
    return keys;
  }

  std::shared_ptr<Collection> indexed_, plain_;
};
CAIRN_OVER_ALL_STORES(Queries);

TEST_P(Queries, GiveTheSameWithIndexesAndWithout) {
  constexpr int kRounds = 6, kQueries = 120;
  int by_index = 0, in_order = 0, questions = 0;
  for (uint64_t round = 0; round < kRounds; ++round) {
    RandomQueries queries(500 + round);
    apply_to_both(queries.changes(250));
    if (round == 0) make_indexes();
    for (int i = 0; i < kQueries; ++i) {
      QueryReport report = compare(queries.request(i % 3 == 0), "round " + std::to_string(round));
      by_index += report.access == fb::Access::Index;
      in_order += report.ordered_by_index;
      questions += report.questions > 0;
      if (HasFailure()) return;
    }
    expect_in_order();
  }
  EXPECT_GT(by_index, 100);
  EXPECT_GT(in_order, 30);
  EXPECT_GT(questions, 20);
}

TEST_P(Queries, PagesLoseNoRow) {
  RandomQueries queries(600);
  apply_to_both(queries.changes(300));
  make_indexes();
  for (bool host : {false, true}) {
    for (bool descending : {false, true}) {
      for (bool nulls_last : {false, true}) {
        LoadRequest request;
        request.host = host;
        request.subset.order = {by(ref("b"), descending, nulls_last),
                                by(ref("a"), descending, nulls_last)};
        for (OrderClause& clause : request.subset.order) clause.by_locale = host;
        Keys all = read(plain_, request).keys();
        EXPECT_EQ(all.size(), plain_->info().state.rows);
        for (uint64_t limit : {uint64_t{1}, uint64_t{20}}) {
          request.subset.limit = limit;
          ASSERT_EQ(pages(indexed_, request, {"b", "a"}), all) << host << descending << nulls_last;
          ASSERT_EQ(pages(plain_, request, {"b", "a"}), all) << host << descending << nulls_last;
        }
      }
    }
  }
}

// Of a tie's rows more stand in an index than are read at once.
TEST_P(Queries, TiesAreInTheOrderOfKeysInBothDirections) {
  Changes changes;
  for (int i = 0; i < 1200; ++i) changes.insert((i * 7) % 1200, {{"m", i / 600}, {"n", i}});
  apply_to_both(changes);
  indexed_->ensure_index(index_over("m", {ref("m")}));
  for (bool descending : {false, true}) {
    for (uint64_t offset : {uint64_t{0}, uint64_t{63}, uint64_t{64}, uint64_t{65}, uint64_t{100}}) {
      LoadRequest request;
      request.subset.order = {by(ref("m"), descending)};
      request.subset.limit = 120;
      request.subset.offset = offset;
      QueryReport report = compare(request, std::to_string(offset));
      EXPECT_TRUE(report.ordered_by_index);
      EXPECT_LE(report.rows_read, offset + 120);
    }
  }
}

TEST_P(Queries, AnIndexSurvivesReopening) {
  apply(indexed_, numbered(0, 500));
  indexed_->ensure_index(index_over("n", {ref("n")}));
  indexed_->ensure_index(index_over("half", {ref("n"), ref("n")}, 100));
  indexed_.reset();
  plain_.reset();
  reopen();
  indexed_ = open("indexed");
  std::vector<IndexInfo> indexes = indexed_->info().indexes;
  ASSERT_EQ(indexes.size(), 2u);
  EXPECT_EQ(indexes[0].signature, "half");
  EXPECT_EQ(indexes[0].state.rows, 100u);
  EXPECT_FALSE(indexes[0].state.ready);
  EXPECT_TRUE(indexes[1].state.ready);
  apply(indexed_, Changes().insert("new", {{"n", 7}}).remove("k8"));
  EXPECT_EQ(read(indexed_, where(call("in", ref("n"), val(Array{7, 8})))).report.rows_read, 2u);
  EXPECT_TRUE(indexed_->ensure_index(index_over("half", {ref("n"), ref("n")})).state.ready);
  expect_in_order();
}

TEST_P(Queries, AnIndexOfAnotherHandleIsKeptInStep) {
  if (in_memory()) GTEST_SKIP() << "memory has one handle";
  apply(indexed_, numbered(0, 300));
  auto other = Collection::open(open_database(), "indexed", {});
  other->ensure_index(index_over("n", {ref("n")}));
  apply(indexed_, Changes().insert("mine", {{"n", 5}}).remove("k6"));
  LoadRequest request = where(call("in", ref("n"), val(Array{5, 6})));
  for (const auto& collection : {indexed_, other}) {
    EXPECT_EQ(read(collection, request).report.rows_read, 2u);
    EXPECT_EQ(read(collection, request).report.access, fb::Access::Index);
  }
  indexed_->remove_index("n");
  apply(other, Changes().insert("theirs", {{"n", 5}}));
  EXPECT_EQ(read(other, request).report.access, fb::Access::Scan);
  other->ensure_index(index_over("n", {ref("b")}));
  apply(indexed_, Changes().insert("again", {{"b", 5}}));
  EXPECT_EQ(read(indexed_, where(call("eq", ref("b"), val(5)))).report.rows_read, 1u);
  expect_in_order();
}

// A cursor of a file has its snapshot, with the index. Elsewhere it says that it cannot go on.
TEST_P(Queries, ACursorWhoseIndexIsReplacedKeepsItsSnapshotOrEnds) {
  apply(indexed_, numbered(0, 300));
  indexed_->ensure_index(index_over("n", {ref("n")}));
  LoadRequest request;
  request.subset.order = {by(ref("n"))};
  request.subset.limit = 5;
  auto cursor = Cursor::load(indexed_, request);
  EXPECT_TRUE(cursor->report().ordered_by_index);
  indexed_->ensure_index(index_over("n", {ref("b")}));
  if (is_file()) {
    EXPECT_TRUE(cursor->next().batch.has_value());
    EXPECT_EQ(cursor->report().rows_read, 5u);
  } else {
    EXPECT_EQ(status_of([&] { cursor->next(); }), Status::kSnapshotExpired);
  }
}

TEST_P(Queries, TheHostIsAskedAboutManyRowsAtOnce) {
  apply(indexed_, numbered(0, 300));
  Changes changes;
  for (int i = 0; i < 300; ++i)
    changes.update("k" + std::to_string(i), {{"d", "day " + std::to_string(i)}});
  apply(indexed_, changes);
  indexed_->ensure_index(index_over("n", {ref("n")}));
  LoadRequest request = where(call("isNull", call("date", ref("d"))));
  request.host = true;
  request.subset.limit = 3;
  Answered streamed = read(indexed_, request);
  EXPECT_EQ(streamed.questions, 1u);
  EXPECT_EQ(streamed.rows.size(), 3u);
  request.subset.order = {by(ref("n"), true)};
  Answered sorted = read(indexed_, request);
  EXPECT_EQ(sorted.questions, 1u);
  EXPECT_EQ(sorted.report.access, fb::Access::Scan) << "asked about row by row otherwise";
  EXPECT_EQ(sorted.keys(), (Keys{encoded_key("k299"), encoded_key("k298"), encoded_key("k297")}));
}

// Interrupts a store after some of its statements' steps.
class InterruptLater {
 public:
  InterruptLater(Store& store, int steps) : store_(store), left_(steps) {
    attach(&InterruptLater::step);
  }
  ~InterruptLater() { attach(nullptr); }
  InterruptLater(const InterruptLater&) = delete;
  InterruptLater& operator=(const InterruptLater&) = delete;

 private:
  void attach(int (*handler)(void*)) {
    Lease lease = store_.writer();
    sqlite3* database = dynamic_cast<NativeConnection&>(*lease).handle();
    sqlite3_progress_handler(database, handler == nullptr ? 0 : 1000, handler, this);
  }
  static int step(void* self) {
    auto* later = static_cast<InterruptLater*>(self);
    if (--later->left_ == 0) later->store_.interrupt();
    return 0;
  }

  Store& store_;
  int left_;
};

TEST_P(Queries, AnIndexThatIsInterruptedGoesOn) {
  if (GetParam() == Kind::kHost) GTEST_SKIP() << "a host's statements are its own";
  apply(indexed_, numbered(0, 10000));
  IndexRequest request = index_over("n", {ref("n")});
  bool ready = false, kept_some = false;
  for (int steps = 1; !ready; steps += 10) {
    InterruptLater interrupt(store(), steps);
    Status status = status_of([&] { ready = indexed_->ensure_index(request).state.ready; });
    ASSERT_TRUE(status == Status::kOk || status == Status::kCancelled);
    for (const IndexInfo& index : indexed_->info().indexes)
      kept_some |= index.state.rows > 0 && !index.state.ready;
  }
  EXPECT_TRUE(kept_some) << "an interrupt came between two chunks";
  expect_in_order();
  EXPECT_EQ(read(indexed_, where(call("lt", ref("n"), val(9)))).report.rows_read, 9u);
}

}  // namespace
}  // namespace cairn::unit::query_tests
