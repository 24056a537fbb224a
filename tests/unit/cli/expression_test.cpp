// The syntax of `cairn query --where` and its siblings: what texts are parsed into, what is an
// error and where, and that no text at all does anything else.
#include "bindings/cli/expression.h"

#include <gtest/gtest.h>

#include <random>

#include "bindings/cli/terminal.h"

namespace cairn::cli {
namespace {

std::string shown(const Expression& expression, size_t at) {
  const ExpressionNode& node = expression[at];
  if (node.kind == fb::ExprKind::Value) return node.value;
  std::string out;
  if (node.kind == fb::ExprKind::Reference) {
    for (const std::string& name : node.path) out += (out.empty() ? "" : "/") + name;
    return out;
  }
  for (const uint32_t argument : node.arguments) {
    EXPECT_LT(argument, at) << "children stand before their parents";
    out += " " + shown(expression, argument);
  }
  return "(" + node.function + out + ")";
}

// As one text in prefix form: calls between parentheses, paths with slashes, constants as JSON.
std::string shown(const Expression& expression) { return shown(expression, expression.size() - 1); }

std::string where(const std::string& text) { return shown(parse_expression({"--where", text})); }

std::string error_of(const std::string& text) {
  try {
    return "no error: " + where(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), CAIRN_INVALID_ARGUMENT);
    return error.what();
  }
}

std::string excerpt_of(const std::string& text) {
  try {
    parse_expression({"--where", text});
  } catch (const Error& error) {
    return error.excerpt();
  }
  return "no error";
}

std::string repeated(const std::string& text, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(CliExpression, Comparisons) {
  for (const auto& [symbol, function] : {std::pair{"=", "eq"},
                                         {"==", "eq"},
                                         {"<", "lt"},
                                         {"<=", "lte"},
                                         {">", "gt"},
                                         {">=", "gte"}}) {
    EXPECT_EQ(where(std::string("a ") + symbol + " 1"), "(" + std::string(function) + " a 1)");
    EXPECT_EQ(where(std::string("a") + symbol + "1"), "(" + std::string(function) + " a 1)");
  }
  EXPECT_EQ(where("a != 1"), "(not (eq a 1))");
  EXPECT_EQ(where("a <> b"), "(not (eq a b))");
  EXPECT_EQ(where("1 < a"), "(lt 1 a)");
}

TEST(CliExpression, OthersThanComparisons) {
  EXPECT_EQ(where("title like \"%milk%\""), "(like title \"%milk%\")");
  EXPECT_EQ(where("title not like 'a_'"), "(not (like title \"a_\"))");
  EXPECT_EQ(where("title ilike lower(x)"), "(ilike title (lower x))");
  EXPECT_EQ(where("title not ilike 'a'"), "(not (ilike title \"a\"))");
  EXPECT_EQ(where("a is null"), "(isNull a)");
  EXPECT_EQ(where("a is not null"), "(not (isNull a))");
  EXPECT_EQ(where("a is undefined"), "(isUndefined a)");
  EXPECT_EQ(where("a is missing"), "(isUndefined a)");
  EXPECT_EQ(where("a is not missing"), "(not (isUndefined a))");
  EXPECT_EQ(where("a in (1, 2n, \"x\", null, date'1970-01-01')"),
            R"((in a [1,{"$bigint":"2"},"x",null,{"$date":0}]))");
  EXPECT_EQ(where("a not in (-1)"), "(not (in a [-1]))");
  EXPECT_EQ(where("a in ()"), "(in a [])");
  EXPECT_EQ(where("a in [1, 'x']"), R"((in a [1,"x"]))");
  EXPECT_EQ(where("'urgent' in meta.tags"), "(in \"urgent\" meta/tags)");
  EXPECT_EQ(where("a between 1 and 2 and b"), "(and (and (gte a 1) (lte a 2)) b)");
  EXPECT_EQ(where("a + 1 not between 1 and 2"), "(not (and (gte (add a 1) 1) (lte (add a 1) 2)))");
}

TEST(CliExpression, OperatorsBindAsInSql) {
  EXPECT_EQ(where("a or b and c"), "(or a (and b c))");
  EXPECT_EQ(where("(a or b) and c"), "(and (or a b) c)");
  EXPECT_EQ(where("a and b and c or d or e"), "(or (and a b c) d e)");
  EXPECT_EQ(where("not a = 1 and b"), "(and (not (eq a 1)) b)");
  EXPECT_EQ(where("not not a"), "(not (not a))");
  EXPECT_EQ(where("not (a and b)"), "(not (and a b))");
  EXPECT_EQ(where("a + 2 * b - c / 4 > 0"),
            "(gt (subtract (add a (multiply 2 b)) (divide c 4)) 0)");
  EXPECT_EQ(where("(a + 2) * b = 1"), "(eq (multiply (add a 2) b) 1)");
  EXPECT_EQ(where("a - 1 - 1 = a -1"), "(eq (subtract (subtract a 1) 1) (subtract a 1))");
  EXPECT_EQ(where("a - -1 = 0"), "(eq (subtract a -1) 0)");
}

TEST(CliExpression, KeywordsAndFunctionsInAnyCase) {
  EXPECT_EQ(where("A = TRUE AND NOT b IS NOT NULL"), "(and (eq A true) (not (not (isNull b))))");
  EXPECT_EQ(where("UPPER(a) Like 'X' oR CASEWHEN(a > 1, 'x', 'y') = b"),
            R"((or (like (upper a) "X") (eq (caseWhen (gt a 1) "x" "y") b)))");
  EXPECT_EQ(where("strftime('%Y', createdAt) = '2024'"),
            R"((eq (strftime "%Y" createdAt) "2024"))");
  EXPECT_EQ(where("concat() = coalesce(a, b, '')"), R"((eq (concat) (coalesce a b "")))");
  EXPECT_EQ(where("eq(a, 1)"), "(eq a 1)");
}

TEST(CliExpression, Names) {
  EXPECT_EQ(where("address.city = 1"), "(eq address/city 1)");
  EXPECT_EQ(where("a . b.c"), "a/b/c");
  EXPECT_EQ(where("`first name`.`a.b`.`0` = 1"), "(eq first name/a.b/0 1)");
  EXPECT_EQ(where("`a``b`"), "a`b");
  EXPECT_EQ(where("``"), "");
  EXPECT_EQ(where("`and` and `null`"), "(and and null)");
  EXPECT_EQ(where("meta.in.null and asc"), "(and meta/in/null asc)");
  EXPECT_EQ(where("date = length and x"), "(and (eq date length) x)");
  EXPECT_EQ(where("größe > _a$1"), "(gt größe _a$1)");
  EXPECT_EQ(where("東京=1"), "(eq 東京 1)");
}

TEST(CliExpression, Numbers) {
  for (const auto& [text, json] : {std::pair{"0", "0"},
                                   {"-5", "-5"},
                                   {"- 5", "-5"},
                                   {"1.50", "1.5"},
                                   {"1e3", "1000"},
                                   {"1E-2", "0.01"},
                                   {"007", "7"},
                                   {"9007199254740993", "9007199254740992"},
                                   {"-0", R"({"$number":"-0"})"},
                                   {"NaN", R"({"$number":"NaN"})"},
                                   {"infinity", R"({"$number":"Infinity"})"},
                                   {"-Infinity", R"({"$number":"-Infinity"})"},
                                   {"123n", R"({"$bigint":"123"})"},
                                   {"-0012n", R"({"$bigint":"-12"})"},
                                   {"-0n", R"({"$bigint":"0"})"}}) {
    EXPECT_EQ(where(text), json);
  }
}

TEST(CliExpression, Texts) {
  for (const auto& [text, json] : {std::pair{R"("a")", R"("a")"},
                                   {R"('it"s')", R"("it\"s")"},
                                   {R"('it\'s')", R"("it's")"},
                                   {R"("\"\\\/\b\f\n\r\t")", R"("\"\\/\b\f\n\r\t")"},
                                   {R"("\u0041\u00e9\u6771\ud83d\ude80")", R"("Aé東🚀")"},
                                   {R"("")", R"("")"}}) {
    EXPECT_EQ(where(text), json);
  }
}

TEST(CliExpression, DatesAndBytes) {
  for (const auto& [text, json] :
       {std::pair{"date\"2024-05-01\"", R"({"$date":1714521600000})"},
        {"date\"2024-05-01T10:00\"", R"({"$date":1714557600000})"},
        {"date\"2024-05-01T10:00:00Z\"", R"({"$date":1714557600000})"},
        {"date\"2024-05-01T10:00:00.5z\"", R"({"$date":1714557600500})"},
        {"date\"2024-05-01T10:00:00.123\"", R"({"$date":1714557600123})"},
        {"date\"2024-05-01T10:00+02:00\"", R"({"$date":1714550400000})"},
        {"date\"2024-05-01T10:00:01-01:30\"", R"({"$date":1714563001000})"},
        {"date\"0000-01-01\"", R"({"$date":-62167219200000})"},
        {"x\"\"", R"({"$bytes":""})"},
        {"x\"00\"", R"({"$bytes":"AA=="})"},
        {"X'00fF'", R"({"$bytes":"AP8="})"},
        {"x\"00ff7f\"", R"({"$bytes":"AP9/"})"},
        {"x\"00ff7f01\"", R"({"$bytes":"AP9/AQ=="})"}}) {
    EXPECT_EQ(where(text), json);
  }
  EXPECT_EQ(where("a<DATE'2024-05-01' and date(b)"),
            R"((and (lt a {"$date":1714521600000}) (date b)))");
}

TEST(CliExpression, ErrorsSayWhereAndWhatWasExpected) {
  for (const auto& [text, message] :
       {std::pair{"", "--where, column 1: expected a value, not the end."},
        {"a >= ", "--where, column 6: expected a value, not the end."},
        {"a = = 1", "--where, column 5: expected a value, not \"=\"."},
        {"a b", "--where, column 3: expected an operator, and, or, or the end, not \"b\"."},
        {"a = 1 = 2", "--where, column 7: expected an operator, and, or, or the end, not \"=\"."},
        {"(a = 1", "--where, column 7: expected \")\", not the end."},
        {"a)", "--where, column 2: expected an operator, and, or, or the end, not \")\"."},
        {"a and", "--where, column 6: expected a value, not the end."},
        {"and a", "--where, column 1: expected a value, not \"and\"."},
        {"a not 1", "--where, column 7: expected in, like, ilike or between after not, not \"1\"."},
        {"a is 1", "--where, column 6: expected null, undefined or not, not \"1\"."},
        {"a is not x", "--where, column 10: expected null or undefined, not \"x\"."},
        {"a between 1 or 2",
         "--where, column 13: expected and, with the upper bound of between, not \"or\"."},
        {"a in (b)",
         "--where, column 7: expected a constant: a number, a text, a date, true, false or null, "
         "not \"b\"."},
        {"a in [1)", "--where, column 8: expected a comma or \"]\", not \")\"."},
        {"a @ b", "--where, column 3: this character has no meaning here."},
        {"a in (1 2)", "--where, column 9: expected a comma or \")\", not \"2\"."},
        {"a.1", "--where, column 3: expected a name, not \"1\"."},
        {"-a", "--where, column 2: expected a number after the minus, not \"a\"."},
        {"foo(a)", "--where, column 1: there is no function \"foo\"."},
        {"upper(a", "--where, column 8: expected \")\", not the end."},
        {"a = 12x", "--where, column 7: a number ends here; expected an operator or a space."},
        {"a = 1.", "--where, column 7: expected digits after the point."},
        {"a = 1e", "--where, column 7: expected digits of the exponent."},
        {"a = 1e999", "--where, column 5: the number is too large or too small."},
        {"é = 'b", "--where, column 5: the quote that begins here is not closed."},
        {"`a", "--where, column 1: the backquote that begins here is not closed."},
        {R"("a\x")", "--where, column 3: this is no escape of JSON; a backslash is written \\\\."},
        {R"("\u12g4")", "--where, column 6: expected four hexadecimal digits after \\u."},
        {R"("\ud800")", "--where, column 2: half of a surrogate pair is no character."},
        {R"("\ud800\u0041")", "--where, column 2: half of a surrogate pair is no character."},
        {R"("\udc00")", "--where, column 2: half of a surrogate pair is no character."},
        {"a = x'0'", "--where, column 5: expected pairs of hexadecimal digits, such as x\"00ff\"."},
        {"a = “x”", "--where, column 5: this character has no meaning here."},
        {"a & b", "--where, column 3: this character has no meaning here."},
        {"a =\n  and", "--where, line 2, column 3: expected a value, not \"and\"."}}) {
    EXPECT_EQ(error_of(text), message);
  }
  for (const char* text :
       {"2024", "2024-13-01", "2024-02-30", "2024-05-01T", "2024-05-01T24:00", "2024-05-01T10",
        "2024-05-01T10:00:60", "2024-05-01T10:00:00.", "2024-05-01T10:00:00.1234",
        "2024-05-01T10:00+2", "2024-05-01x", "", "é"}) {
    EXPECT_EQ(error_of("date'" + std::string(text) + "'"),
              "--where, column 1: expected a date such as date\"2024-05-01\" or "
              "date\"2024-05-01T10:00:00Z\".")
        << text;
  }
  EXPECT_EQ(error_of("a = '\xff'"), "--where: the text is not UTF-8.");
  EXPECT_EQ(error_of(std::string("a\0b", 3)),
            "--where, column 2: this character has no meaning here.");
}

TEST(CliExpression, ErrorsShowThePlace) {
  prepare_terminal();
  EXPECT_EQ(excerpt_of("a = = 1"), "  a = = 1\n      ^\n");
  EXPECT_EQ(excerpt_of("東京 = = 1"), "  東京 = = 1\n         ^\n");
  EXPECT_EQ(excerpt_of("a and\n b = )\n or c"), "   b = )\n       ^\n");
  EXPECT_EQ(excerpt_of("\x1b = )"), "  \\x1b = )\n  ^\n")
      << "what would drive the terminal is shown";
  const std::string excerpt = excerpt_of(repeated("a or ", 100) + ")" + repeated(" or a", 100));
  EXPECT_EQ(excerpt.find("\n"), 2 + 76 + 4)
      << "a line, its indent, and two ellipses of three bytes";
  EXPECT_EQ(excerpt.substr(excerpt.find("\n")), "\n" + std::string(2 + 61, ' ') + "^\n");
}

TEST(CliExpression, DepthIsBounded) {
  const std::string message = "the expression is nested deeper than 200 levels here.";
  for (const auto& [open, close] : {std::pair{"(", ")"}, {"not ", ""}, {"upper(", ")"}}) {
    const auto nested = [open = open, close = close](size_t depth) {
      return repeated(open, depth) + "a" + repeated(close, depth);
    };
    EXPECT_NO_THROW(where(nested(199))) << open;
    EXPECT_NE(error_of(nested(201)).find(message), std::string::npos) << open;
    EXPECT_NE(error_of(nested(100000)).find(message), std::string::npos) << open;
  }
  EXPECT_NO_THROW(where("1" + repeated("+1", 199)));
  EXPECT_NE(error_of("1" + repeated("+1", 200)).find(message), std::string::npos);
  EXPECT_NE(error_of(repeated("(a between ", 1000)).find(message), std::string::npos);
  EXPECT_NO_THROW(parse_expression({"--where", "a" + repeated(" and a", 10000)})) << "not deep";
}

TEST(CliExpression, AnyTextIsParsedOrAnError) {
  const std::vector<std::string> parts = {"a",
                                          "`b c`",
                                          "1",
                                          "2n",
                                          "\"x\"",
                                          "'",
                                          "\"",
                                          "`",
                                          "date'2024-01-01'",
                                          "date'",
                                          "[",
                                          "]",
                                          "x\"00\"",
                                          "and",
                                          "or",
                                          "not",
                                          "in",
                                          "like",
                                          "is",
                                          "null",
                                          "between",
                                          "true",
                                          "(",
                                          ")",
                                          ",",
                                          ".",
                                          "+",
                                          "-",
                                          "*",
                                          "/",
                                          "=",
                                          "<",
                                          ">",
                                          "!",
                                          ":",
                                          "upper(",
                                          "\\",
                                          "\\u12",
                                          " ",
                                          "\n",
                                          "é",
                                          "\xff",
                                          std::string(1, '\0'),
                                          "missing"};
  std::mt19937 random(7);
  size_t parsed = 0;
  for (int i = 0; i < 50000; ++i) {
    std::string text;
    for (size_t left = random() % 9; left > 0; --left)
      text += parts[random() % parts.size()] + (random() % 2 == 0 ? " " : "");
    try {
      where(text);
      ++parsed;
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), CAIRN_INVALID_ARGUMENT) << text;
    }
  }
  EXPECT_GT(parsed, 1000u);
}

TEST(CliExpression, Orders) {
  const auto clauses = parse_order(
      {"--order", "a, lower(b.c) : DESC:nulls-last,`d:e`:locale:nulls-first:asc, f:lexical"});
  ASSERT_EQ(clauses.size(), 4u);
  EXPECT_EQ(shown(clauses[0].expression), "a");
  EXPECT_EQ(clauses[0].direction, fb::Direction::Ascending);
  EXPECT_EQ(clauses[0].nulls, fb::Nulls::First);
  EXPECT_EQ(clauses[0].string_sort, fb::StringSort::Lexical);
  EXPECT_EQ(shown(clauses[1].expression), "(lower b/c)");
  EXPECT_EQ(clauses[1].direction, fb::Direction::Descending);
  EXPECT_EQ(clauses[1].nulls, fb::Nulls::Last);
  EXPECT_EQ(shown(clauses[2].expression), "d:e");
  EXPECT_EQ(clauses[2].string_sort, fb::StringSort::Locale);
  for (const char* text : {"", "a:", "a:down", "a:nulls", "a:nulls-", "a:nulls-middle", "a desc",
                           "a,", "a:desc asc", ",a"}) {
    EXPECT_THROW(parse_order({"--order", text}), Error) << text;
  }
}

TEST(CliExpression, ListsOfExpressionsAndNames) {
  const auto expressions = parse_expressions({"--add", "listId, lower(title),a + b"});
  ASSERT_EQ(expressions.size(), 3u);
  EXPECT_EQ(shown(expressions[1]), "(lower title)");
  EXPECT_EQ(shown(expressions[2]), "(add a b)");
  EXPECT_EQ(parse_names({"--fields", "a, `b,c`,null"}),
            (std::vector<std::string>{"a", "b,c", "null"}));
  EXPECT_THROW(parse_names({"--fields", "a.b"}), Error);
  EXPECT_THROW(parse_names({"--fields", ""}), Error);
}

TEST(CliExpression, BecomesATableThatTheEngineReads) {
  Request request;
  const auto where = build(request.builder(), parse_expression({"--where", "a.b != -0 or `é`"}));
  fb::SubsetBuilder subset(request.builder());
  subset.add_where(where);
  const Bytes bytes = request.finish(subset.Finish());
  cairn_buffer* out = nullptr;
  ASSERT_EQ(cairn_table_to_json("Subset", 6, bytes.data(), bytes.size(), &out, nullptr), CAIRN_OK);
  EXPECT_EQ(
      Buffer(out).text(),
      R"({"where":{"nodes":[{"kind":"Reference","path":["a","b"]},{"value":{"$number":"-0"}},)"
      R"({"kind":"Call","function":"eq","arguments":[0,1]},)"
      R"({"kind":"Call","function":"not","arguments":[2]},{"kind":"Reference","path":["é"]},)"
      R"({"kind":"Call","function":"or","arguments":[3,4]}]}})");
}

TEST(CliExpression, ConstantsAreValuesOfTheEngine) {
  for (const char* text : {"1.5", "-0", "NaN", "-Infinity", "1e300", "-12345678901234567890n",
                           "\"é\"", "date'2024-05-01'", "date'0000-01-01'",
                           "date'9999-12-31T23:59:59.999Z'", "x\"00ff7f01\"", "null", "true"}) {
    const Expression expression = parse_expression({"--where", text});
    EXPECT_NO_THROW(value_from_json(expression[0].value)) << text;
  }
}

}  // namespace
}  // namespace cairn::cli
