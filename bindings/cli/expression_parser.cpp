// A recursive descent over the grammar in README.md, one function a rule. Depth is bounded twice:
// of the text, for the parser's own sake, and of the tree, which a chain of + makes deep without
// any parentheses.
#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "expression.h"
#include "expression_lexer.h"
#include "json_scan.h"
#include "text.h"

namespace cairn::cli {
namespace {

constexpr uint32_t kMaxDepth = 200;

constexpr std::array<std::string_view, 20> kFunctions = {
    "upper",       "lower",    "length", "concat", "coalesce", "caseWhen", "add",
    "subtract",    "multiply", "divide", "date",   "datetime", "strftime", "isNull",
    "isUndefined", "eq",       "gt",     "gte",    "lt",       "lte"};

// Names that a field has only between backquotes.
constexpr std::array<std::string_view, 14> kReserved = {
    "and", "or",   "not",       "in",   "like",  "ilike", "between",
    "is",  "null", "undefined", "true", "false", "nan",   "infinity"};

struct Operator {
  std::string_view symbol;
  const char* function;
  bool negated = false;
};

constexpr std::array<Operator, 8> kComparisons = {{{"=", "eq"},
                                                   {"==", "eq"},
                                                   {"!=", "eq", true},
                                                   {"<>", "eq", true},
                                                   {"<", "lt"},
                                                   {"<=", "lte"},
                                                   {">", "gt"},
                                                   {">=", "gte"}}};
constexpr std::array<Operator, 2> kSums = {{{"+", "add"}, {"-", "subtract"}}};
constexpr std::array<Operator, 2> kProducts = {{{"*", "multiply"}, {"/", "divide"}}};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view function_named(std::string_view name) {
  for (const std::string_view function : kFunctions) {
    if (lower(function) == lower(name)) return function;
  }
  return {};
}

std::string all_functions() {
  std::string all;
  for (const std::string_view name : kFunctions)
    all += (all.empty() ? "" : " ") + std::string(name);
  return all;
}

class Parser {
 public:
  explicit Parser(const Source& source) : source_(source), lexer_(source), token_(lexer_.next()) {}

  // One item, or several that are parted by commas, up to the end of the text.
  template <class Item>
  auto list(Item item) {
    std::vector<decltype(item())> items;
    do {
      items.push_back(item());
    } while (take(","));
    expect_end("a comma or the end");
    return items;
  }

  Expression predicate() {
    return whole([this] { return any(); });
  }
  void expect_end(const char* what) const {
    if (token_.kind != TokenKind::kEnd) fail_expected(what);
  }

  OrderClause order_clause() {
    OrderClause clause;
    clause.expression = whole([this] { return sum(); });
    while (take(":")) modifier(clause);
    return clause;
  }

  std::string name() {
    if (token_.kind == TokenKind::kName || token_.kind == TokenKind::kQuotedName) {
      return advance().text;
    }
    fail_expected("a name",
                  "Names with other characters than letters, digits, _ and $ stand "
                  "between backquotes: `first name`.");
  }

 private:
  using Node = uint32_t;  // a position in nodes_

  class Level {
   public:
    explicit Level(Parser& parser) : parser_(parser) {
      if (++parser_.level_ > kMaxDepth) parser_.fail_too_deep();
    }
    ~Level() { --parser_.level_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    Parser& parser_;
  };

  template <class Rule>
  Expression whole(Rule rule) {
    nodes_.clear();
    depths_.clear();
    rule();
    return std::move(nodes_);
  }

  // --- rules, the loosest first ---

  Node any() {
    std::vector<Node> parts{all()};
    while (take_keyword("or")) parts.push_back(all());
    return parts.size() == 1 ? parts[0] : call("or", parts);
  }

  Node all() {
    std::vector<Node> parts{negation()};
    while (take_keyword("and")) parts.push_back(negation());
    return parts.size() == 1 ? parts[0] : call("and", parts);
  }

  Node negation() {
    if (!take_keyword("not")) return comparison();
    const Level level(*this);
    return call("not", {negation()});
  }

  Node comparison() {
    const Node left = sum();
    if (const Operator* found = take_operator(kComparisons)) {
      return negated_if(found->negated, call(found->function, {left, sum()}));
    }
    if (take_keyword("is")) return test(left);
    const bool negated = take_keyword("not");
    if (const auto node = membership(left)) return negated_if(negated, *node);
    if (negated) fail_expected("in, like, ilike or between after not");
    return left;
  }

  // What follows `is`.
  Node test(Node left) {
    const bool negated = take_keyword("not");
    if (take_keyword("null")) return negated_if(negated, call("isNull", {left}));
    if (take_keyword("undefined") || take_keyword("missing")) {
      return negated_if(negated, call("isUndefined", {left}));
    }
    fail_expected(negated ? "null or undefined" : "null, undefined or not");
  }

  std::optional<Node> membership(Node left) {
    if (take_keyword("in")) return call("in", {left, is("(") || is("[") ? constant_list() : sum()});
    if (take_keyword("like")) return call("like", {left, sum()});
    if (take_keyword("ilike")) return call("ilike", {left, sum()});
    if (!take_keyword("between")) return std::nullopt;
    const Node low = call("gte", {left, sum()});
    if (!take_keyword("and")) fail_expected("and, with the upper bound of between");
    return call("and", {low, call("lte", {left, sum()})});
  }

  Node sum() {
    Node left = product();
    while (const Operator* found = take_operator(kSums)) {
      left = call(found->function, {left, product()});
    }
    return left;
  }

  Node product() {
    Node left = operand();
    while (const Operator* found = take_operator(kProducts)) {
      left = call(found->function, {left, operand()});
    }
    return left;
  }

  Node operand() {
    if (const auto json = take_constant()) return constant(*json);
    if (is("(")) {
      const Level level(*this);
      advance();
      const Node inner = any();
      expect(")");
      return inner;
    }
    if (token_.kind == TokenKind::kQuotedName) return reference(advance().text);
    if (token_.kind != TokenKind::kName || is_reserved()) fail_expected("a value");
    const Token first = advance();
    return is("(") ? function_call(first) : reference(first.text);
  }

  Node function_call(const Token& name) {
    const std::string_view function = function_named(name.text);
    if (function.empty()) {
      fail_at(source_, name.at, "there is no function " + in_quotes(name.text) + ".",
              "The functions are: " + all_functions() + ".");
    }
    const Level level(*this);
    advance();
    std::vector<Node> arguments;
    if (!is(")")) {
      do {
        arguments.push_back(any());
      } while (take(","));
    }
    expect(")");
    return call(function, arguments);
  }

  // Between parentheses as in SQL, or between brackets.
  Node constant_list() {
    const std::string end = advance().text == "(" ? ")" : "]";
    std::string json;
    while (!is(end)) {
      const auto item = take_constant();
      if (!item) fail_expected("a constant: a number, a text, a date, true, false or null");
      json += (json.empty() ? "" : ",") + *item;
      if (!is(end) && !take(",")) fail_expected("a comma or \"" + end + "\"");
    }
    advance();
    return constant("[" + json + "]");
  }

  // The JSON of a constant, if one stands here.
  std::optional<std::string> take_constant() {
    if (take("-")) return negative();
    if (token_.kind == TokenKind::kBigInt) return big_integer("");
    if (token_.kind == TokenKind::kNumber || token_.kind == TokenKind::kConstant) {
      return advance().text;
    }
    for (const char* word : {"true", "false", "null"}) {
      if (take_keyword(word)) return word;
    }
    if (take_keyword("nan")) return R"({"$number":"NaN"})";
    if (take_keyword("infinity")) return R"({"$number":"Infinity"})";
    return std::nullopt;
  }

  std::string negative() {
    if (token_.kind == TokenKind::kBigInt) return big_integer("-");
    if (take_keyword("infinity")) return R"({"$number":"-Infinity"})";
    if (token_.kind != TokenKind::kNumber) fail_expected("a number after the minus");
    const std::string number = advance().text;
    return number == "0" ? json_number(-0.0) : "-" + number;
  }

  std::string big_integer(std::string sign) {
    std::string digits = advance().text;
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
    if (digits == "0") sign.clear();
    return R"({"$bigint":")" + sign + digits + "\"}";
  }

  void modifier(OrderClause& clause) {
    const std::string word = token_.kind == TokenKind::kName ? lower(token_.text) : "";
    if (word == "asc" || word == "desc") {
      clause.direction = word == "asc" ? fb::Direction::Ascending : fb::Direction::Descending;
    } else if (word == "locale" || word == "lexical") {
      clause.string_sort = word == "locale" ? fb::StringSort::Locale : fb::StringSort::Lexical;
    } else if (word == "nulls") {
      advance();
      expect("-");
      if (!is_keyword("first") && !is_keyword("last")) fail_expected("first or last");
      clause.nulls = is_keyword("first") ? fb::Nulls::First : fb::Nulls::Last;
    } else {
      fail_expected("asc, desc, nulls-first, nulls-last, locale or lexical");
    }
    advance();
  }

  // --- nodes ---

  Node add(ExpressionNode node, uint32_t depth) {
    if (depth > kMaxDepth) fail_too_deep();
    nodes_.push_back(std::move(node));
    depths_.push_back(depth);
    return static_cast<Node>(nodes_.size() - 1);
  }

  Node constant(std::string json) {
    return add({fb::ExprKind::Value, std::move(json), {}, "", {}}, 1);
  }

  Node reference(std::string first) {
    std::vector<std::string> path{std::move(first)};
    while (take(".")) path.push_back(name());
    return add({fb::ExprKind::Reference, "", std::move(path), "", {}}, 1);
  }

  Node call(std::string_view function, std::vector<Node> arguments) {
    uint32_t depth = 0;
    for (const Node argument : arguments) depth = std::max(depth, depths_[argument]);
    return add({fb::ExprKind::Call, "", {}, std::string(function), std::move(arguments)},
               depth + 1);
  }

  Node negated_if(bool negated, Node node) { return negated ? call("not", {node}) : node; }

  // --- tokens ---

  Token advance() {
    Token taken = std::move(token_);
    token_ = lexer_.next();
    return taken;
  }

  bool is(std::string_view symbol) const { return token_.is(symbol); }

  bool take(std::string_view symbol) {
    if (!is(symbol)) return false;
    advance();
    return true;
  }

  void expect(const char* symbol) {
    if (!take(symbol)) fail_expected("\"" + std::string(symbol) + "\"");
  }

  bool is_keyword(std::string_view word) const {
    return token_.kind == TokenKind::kName && lower(token_.text) == word;
  }

  bool take_keyword(std::string_view word) {
    if (!is_keyword(word)) return false;
    advance();
    return true;
  }

  bool is_reserved() const {
    return std::find(kReserved.begin(), kReserved.end(), lower(token_.text)) != kReserved.end();
  }

  const Operator* take_operator(std::span<const Operator> operators) {
    for (const Operator& one : operators) {
      if (take(one.symbol)) return &one;
    }
    return nullptr;
  }

  [[noreturn]] void fail_expected(const std::string& what, const std::string& hint = "") const {
    constexpr size_t kShown = 30;
    const bool end = token_.kind == TokenKind::kEnd;
    const std::string_view slice =
        std::string_view(source_.text).substr(token_.at, token_.end - token_.at);
    fail_at(source_, token_.at,
            "expected " + what + ", not " +
                (end ? "the end" : '"' + cut_to(printable(slice), kShown) + '"') + ".",
            hint);
  }

  [[noreturn]] void fail_too_deep() const {
    fail_at(source_, token_.at,
            "the expression is nested deeper than " + std::to_string(kMaxDepth) + " levels here.");
  }

  const Source& source_;
  Lexer lexer_;
  Token token_;
  uint32_t level_ = 0;
  std::vector<ExpressionNode> nodes_;
  std::vector<uint32_t> depths_;
};

}  // namespace

Expression parse_expression(const Source& source) {
  Parser parser(source);
  Expression expression = parser.predicate();
  parser.expect_end("an operator, and, or, or the end");
  return expression;
}

std::vector<Expression> parse_expressions(const Source& source) {
  Parser parser(source);
  return parser.list([&parser] { return parser.predicate(); });
}

std::vector<OrderClause> parse_order(const Source& source) {
  Parser parser(source);
  return parser.list([&parser] { return parser.order_clause(); });
}

std::vector<std::string> parse_names(const Source& source) {
  Parser parser(source);
  return parser.list([&parser] { return parser.name(); });
}

}  // namespace cairn::cli
