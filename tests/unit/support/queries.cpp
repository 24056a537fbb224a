#include "support/queries.h"

#include <algorithm>
#include <map>

#include "core/query/expression_text.h"

namespace cairn {

void PrintTo(const QueryReport& report, std::ostream* out) {
  *out << fb::EnumNameAccess(report.access) << " of";
  for (const std::string& index : report.indexes) *out << " " << index;
  *out << (report.ordered_by_index ? ", in order" : "") << ", sorts "
       << fb::EnumNameSorting(report.sorting) << ": " << report.entries_read << " entries, "
       << report.rows_read << " rows read, " << report.rows_matched << " match";
}

}  // namespace cairn

namespace cairn::unit {
namespace {

// Turns the short form into the serialized tree that the engine reads.
class ShortForm {
 public:
  explicit ShortForm(std::string text) : text_(std::move(text)) {}

  std::string tree() {
    skip_spaces();
    size_t start = at_;
    while (at_ < text_.size() && (is_letter(text_[at_]) || (at_ > start && text_[at_] == '.')))
      ++at_;
    std::string name = text_.substr(start, at_ - start);
    if (name.empty() || name == "null" || name == "true" || name == "false") {
      at_ = start;
      return R"({"type":"val","value":)" + constant() + "}";
    }
    if (at_ < text_.size() && text_[at_] == '(') return call(name);
    return R"({"type":"ref","path":[")" + path(name) + "\"]}";
  }

 private:
  static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

  void skip_spaces() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }

  // JSON up to the comma or the parenthesis that ends an argument.
  std::string constant() {
    size_t start = at_, depth = 0;
    bool quoted = false;
    for (; at_ < text_.size(); ++at_) {
      char c = text_[at_];
      if (c == '"') quoted = !quoted;
      if (quoted) continue;
      if (depth == 0 && (c == ',' || c == ')')) break;
      if (c == '[' || c == '{') ++depth;
      if (c == ']' || c == '}') --depth;
    }
    return text_.substr(start, at_ - start);
  }

  std::string call(const std::string& name) {
    std::string arguments;
    while (text_[at_] != ')') {
      ++at_;
      if (!arguments.empty()) arguments += ",";
      arguments += tree();
      skip_spaces();
    }
    ++at_;
    return R"({"type":"func","name":")" + name + R"(","args":[)" + arguments + "]}";
  }

  static std::string path(const std::string& name) {
    std::string path;
    for (char c : name) path += c == '.' ? std::string("\",\"") : std::string(1, c);
    return path;
  }

  std::string text_;
  size_t at_ = 0;
};

Array ranks_from_the_end(const Array& texts) {
  std::map<std::string, double> ranks;
  for (const Value& text : texts) {
    const std::string& characters = *text.get<std::string>();
    ranks[std::string(characters.rbegin(), characters.rend())] = 0;
  }
  double next = 0;
  for (auto& [text, rank] : ranks) rank = next++;
  Array result;
  for (const Value& text : texts) {
    const std::string& characters = *text.get<std::string>();
    result.emplace_back(ranks[std::string(characters.rbegin(), characters.rend())]);
  }
  return result;
}

Array answers_to(const HostQuestion& question) {
  Value asked = from_portable(question.values);
  const Array& values = *asked.get<Array>();
  if (question.kind == fb::QuestionKind::Rank) return ranks_from_the_end(values);
  Array result;
  for (const Value& text : values)
    result.emplace_back(static_cast<double>(text.get<std::string>()->size()));
  return result;
}

}  // namespace

ExpressionPtr expression(const std::string& text) {
  return parse_expression_text(ShortForm(text).tree());
}

OrderClause clause(std::string text) {
  OrderClause clause;
  bool moved = text[0] == '!';
  if (moved) text.erase(0, 1);
  clause.descending = text[0] == '-';
  if (clause.descending) text.erase(0, 1);
  clause.nulls_last = clause.descending != moved;
  clause.expression = expression(text);
  return clause;
}

LoadRequest query(const std::string& where, const std::vector<std::string>& order, uint64_t limit) {
  LoadRequest request;
  if (!where.empty()) request.subset.where = expression(where);
  for (const std::string& text : order) request.subset.order.push_back(clause(text));
  request.subset.limit = limit;
  return request;
}

PageBoundary boundary(const Value& value, const Value& key) {
  return {{portable(value)}, encoded_key(key)};
}

IndexDefinition definition(const std::vector<std::string>& expressions, const std::string& where) {
  IndexDefinition definition;
  for (const std::string& text : expressions) definition.expressions.push_back(expression(text));
  if (!where.empty()) definition.where = expression(where);
  return definition;
}

std::vector<Value> Answered::keys() const {
  std::vector<Value> keys;
  for (const BatchRow& row : rows) keys.push_back(row.key);
  return keys;
}

QueryTest::QueryTest() : indexed_(open("indexed")), plain_(open("plain")) {}

void QueryTest::reopen_both() {
  indexed_.reset();
  plain_.reset();
  reopen();
  indexed_ = open("indexed");
  plain_ = open("plain");
}

void QueryTest::apply_to_both(const Changes& changes, const TransactionOptions& options) {
  apply(indexed_, changes, options);
  apply(plain_, changes, options);
}

IndexInfo QueryTest::ensure(const std::string& signature,
                            const std::vector<std::string>& expressions, const std::string& where,
                            uint64_t max_rows) {
  return indexed_->ensure_index({signature, definition(expressions, where), max_rows});
}

Answered QueryTest::answer(const std::shared_ptr<Collection>& collection,
                           const LoadRequest& request) {
  Answered answered;
  MemoryShapes shapes;
  auto cursor = Cursor::load(collection, request);
  for (CursorStep step = cursor->next(); step.batch || step.question; step = cursor->next()) {
    if (step.question) {
      std::string answers = portable(answers_to(*step.question));
      cursor->answer(as_bytes(answers));
      continue;
    }
    BatchRows rows = read_batch(bytes_of(*step.batch), shapes);
    answered.rows.insert(answered.rows.end(), rows.begin(), rows.end());
  }
  answered.report = cursor->report();
  return answered;
}

Answered QueryTest::same(const LoadRequest& request) {
  Answered found = answer(indexed_, request), scanned = answer(plain_, request);
  EXPECT_TRUE(scanned.report.indexes.empty());
  EXPECT_EQ(found.rows.size(), scanned.rows.size());
  EXPECT_TRUE(found.rows == scanned.rows)
      << (request.subset.where ? request.subset.where->describe() : "all rows");
  return found;
}

}  // namespace cairn::unit
