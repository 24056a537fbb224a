// Every loop goes forward over a text that is known to be UTF-8; the first thing that is no token
// ends it.
#include "expression_lexer.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>

#include "json_scan.h"
#include "text.h"

namespace cairn::cli {
namespace {

constexpr size_t kExcerptBefore = 60;  // bytes before the place that an error is about
constexpr size_t kExcerptWidth = 76;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Letters outside ASCII belong to names, but not the spaces, dashes and quotes that word processors
// put in (U+00A0, U+2000 to U+203F).
bool begins_name(std::string_view text) {
  if (text.empty() || text.starts_with("\xC2\xA0") || text.starts_with("\xE2\x80")) return false;
  const char c = text[0];
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool continues_name(std::string_view text) {
  return !text.empty() && (is_digit(text[0]) || begins_name(text));
}

// Whether a name is this word, which is in lower case, whatever its own case.
bool is_word(std::string_view name, std::string_view word) {
  return std::equal(name.begin(), name.end(), word.begin(), word.end(), [](char a, char b) {
    return a == b || (a >= 'A' && a <= 'Z' && a - 'A' + 'a' == b);
  });
}

bool continues_sequence(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void append_utf8(std::string& out, unsigned code) {
  const auto put = [&out](unsigned byte) { out += static_cast<char>(byte); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xC0 | code >> 6);
  } else {
    if (code < 0x10000) {
      put(0xE0 | code >> 12);
    } else {
      put(0xF0 | code >> 18);
      put(0x80 | (code >> 12 & 0x3F));
    }
    put(0x80 | (code >> 6 & 0x3F));
  }
  put(0x80 | (code & 0x3F));
}

// --- dates ---

bool skip(std::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<int> take_digits(std::string_view& text, size_t count) {
  if (text.size() < count) return std::nullopt;
  int number = 0;
  for (size_t i = 0; i < count; ++i) {
    if (!is_digit(text[i])) return std::nullopt;
    number = number * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return number;
}

// HH:MM in minutes.
std::optional<int> take_minutes(std::string_view& text) {
  const auto hours = take_digits(text, 2);
  if (!hours || *hours > 23 || !skip(text, ':')) return std::nullopt;
  const auto minutes = take_digits(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  return *hours * 60 + *minutes;
}

// SS, then perhaps .m to .mmm, in milliseconds.
std::optional<int> take_seconds(std::string_view& text) {
  const auto seconds = take_digits(text, 2);
  if (!seconds || *seconds > 59) return std::nullopt;
  int milliseconds = 0;
  if (skip(text, '.')) {
    if (text.empty() || !is_digit(text[0])) return std::nullopt;
    for (int unit = 100; unit > 0 && !text.empty() && is_digit(text[0]); unit /= 10) {
      milliseconds += (text[0] - '0') * unit;
      text.remove_prefix(1);
    }
  }
  return *seconds * 1000 + milliseconds;
}

// Z, +HH:MM, -HH:MM or nothing, in minutes east of Greenwich.
std::optional<int> take_zone(std::string_view& text) {
  if (text.empty() || skip(text, 'Z') || skip(text, 'z')) return 0;
  const int sign = skip(text, '+') ? 1 : skip(text, '-') ? -1 : 0;
  if (sign == 0) return std::nullopt;
  const auto minutes = take_minutes(text);
  if (!minutes) return std::nullopt;
  return sign * *minutes;
}

std::optional<int64_t> take_day(std::string_view& text) {
  const auto year = take_digits(text, 4);
  if (!year || !skip(text, '-')) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !skip(text, '-')) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

// YYYY-MM-DD, then perhaps THH:MM, :SS, .mmm and a zone, in milliseconds since 1970.
std::optional<int64_t> date_of(std::string_view text) {
  const auto day = take_day(text);
  if (!day) return std::nullopt;
  int64_t milliseconds = *day * 86400000;
  if (text.empty()) return milliseconds;
  if (!skip(text, 'T') && !skip(text, 't')) return std::nullopt;
  const auto minutes = take_minutes(text);
  const auto seconds = minutes && skip(text, ':') ? take_seconds(text) : std::optional(0);
  const auto zone = take_zone(text);
  if (!minutes || !seconds || !zone || !text.empty()) return std::nullopt;
  return milliseconds + (*minutes - *zone) * int64_t{60000} + *seconds;
}

// --- where an error is ---

// The line around a position, cut to what fits a terminal, and a caret below the position.
std::string excerpt_of(std::string_view line, size_t at) {
  size_t start = at > kExcerptBefore ? at - kExcerptBefore : 0;
  while (start < at && continues_sequence(line[start])) ++start;
  const std::string cut = start > 0 ? "…" : "";
  const std::string before = printable(line.substr(start, at - start));
  const std::string after = printable(line.substr(at, 4 * kExcerptWidth));
  const size_t used = display_width(cut) + display_width(before);
  const size_t left = std::max(kExcerptWidth, used + 1) - used;
  return "  " + cut + before + cut_to(after, left) + "\n  " + std::string(used, ' ') + "^\n";
}

size_t characters(std::string_view text) {
  return text.size() -
         static_cast<size_t>(std::count_if(text.begin(), text.end(), continues_sequence));
}

}  // namespace

void fail_at(const Source& source, size_t at, const std::string& message, const std::string& hint) {
  const std::string_view text = source.text;
  const std::string_view before = text.substr(0, at);
  const size_t start = before.rfind('\n') + 1;  // 0 without one
  const std::string_view line = text.substr(start, text.find('\n', at) - start);
  const auto number = 1 + std::count(before.begin(), before.end(), '\n');
  const bool lines = text.find('\n') != std::string_view::npos;
  throw Error(CAIRN_INVALID_ARGUMENT,
              source.option + (lines ? ", line " + std::to_string(number) : "") + ", column " +
                  std::to_string(characters(before.substr(start)) + 1) + ": " + message,
              hint, excerpt_of(line, at - start));
}

Lexer::Lexer(const Source& source) : source_(source), text_(source.text) {
  if (json_string(text_)) return;
  throw Error(CAIRN_INVALID_ARGUMENT, source.option + ": the text is not UTF-8.");
}

Token Lexer::next() {
  at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
  if (at_ == text_.size()) return token(TokenKind::kEnd, "", at_);
  const char c = text_[at_];
  if (is_digit(c)) return number();
  if (c == '"' || c == '\'') return text();
  if (c == '`') return quoted_name();
  return begins_name(text_.substr(at_)) ? name() : symbol();
}

Token Lexer::token(TokenKind kind, std::string text, size_t start) const {
  return {kind, std::move(text), start, at_};
}

char Lexer::peek(size_t ahead) const {
  return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
}

bool Lexer::take(char c) {
  if (at_ == text_.size() || text_[at_] != c) return false;
  ++at_;
  return true;
}

void Lexer::fail(const std::string& message, size_t at) const { fail_at(source_, at, message); }

void Lexer::digits(const char* what) {
  if (!is_digit(peek())) fail(std::string("expected digits ") + what + ".", at_);
  while (is_digit(peek())) ++at_;
}

Token Lexer::number() {
  const size_t start = at_;
  digits("");
  if (peek() == 'n' && !continues_name(text_.substr(at_ + 1))) {
    const std::string whole(text_.substr(start, at_ - start));
    ++at_;
    return token(TokenKind::kBigInt, whole, start);
  }
  if (take('.')) digits("after the point");
  if (take('e') || take('E')) {
    if (!take('+')) take('-');
    digits("of the exponent");
  }
  if (continues_name(text_.substr(at_)))
    fail("a number ends here; expected an operator or a space.", at_);
  double value = 0;
  if (std::from_chars(text_.data() + start, text_.data() + at_, value).ec != std::errc()) {
    fail("the number is too large or too small.", start);
  }
  return token(TokenKind::kNumber, json_number(value), start);
}

// A name, or date"..." or x"...".
Token Lexer::name() {
  const size_t start = at_;
  while (continues_name(text_.substr(at_))) ++at_;
  const std::string_view name = text_.substr(start, at_ - start);
  if (peek() == '"' || peek() == '\'') {
    if (is_word(name, "date")) return date(start);
    if (is_word(name, "x")) return bytes(start);
  }
  return token(TokenKind::kName, std::string(name), start);
}

Token Lexer::quoted_name() {
  const size_t start = at_++;
  std::string name;
  for (;;) {
    const size_t end = text_.find('`', at_);
    if (end == std::string_view::npos) fail("the backquote that begins here is not closed.", start);
    name += text_.substr(at_, end - at_);
    at_ = end + 1;
    if (!take('`')) return token(TokenKind::kQuotedName, name, start);
    name += '`';
  }
}

Token Lexer::text() {
  const size_t start = at_;
  const std::string decoded = between_quotes();
  return token(TokenKind::kConstant, *json_string(decoded), start);
}

std::string Lexer::between_quotes() {
  const size_t start = at_;
  const char quote = text_[at_++];
  std::string out;
  while (!take(quote)) {
    if (at_ == text_.size()) fail("the quote that begins here is not closed.", start);
    if (text_[at_] == '\\') {
      escape(out);
    } else {
      out += text_[at_++];
    }
  }
  return out;
}

// The escapes of JSON, and \'.
void Lexer::escape(std::string& out) {
  constexpr std::string_view kNames = "\"'\\/bfnrt";
  constexpr std::string_view kMeanings = "\"'\\/\b\f\n\r\t";
  const size_t start = at_++;
  if (const size_t known = kNames.find(peek()); peek() != '\0' && known != std::string_view::npos) {
    out += kMeanings[known];
    ++at_;
    return;
  }
  if (!take('u')) fail("this is no escape of JSON; a backslash is written \\\\.", start);
  unsigned code = code_unit();
  if (code >= 0xD800 && code < 0xDC00 && peek() == '\\' && peek(1) == 'u') {
    at_ += 2;
    const unsigned low = code_unit();
    if (low < 0xDC00 || low > 0xDFFF) fail("half of a surrogate pair is no character.", start);
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  }
  if (code >= 0xD800 && code < 0xE000) fail("half of a surrogate pair is no character.", start);
  append_utf8(out, code);
}

unsigned Lexer::code_unit() {
  unsigned code = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    const int digit = hex_digit(peek());
    if (digit < 0) fail("expected four hexadecimal digits after \\u.", at_);
    code = code << 4 | static_cast<unsigned>(digit);
  }
  return code;
}

Token Lexer::date(size_t start) {
  const auto milliseconds = date_of(between_quotes());
  if (!milliseconds) {
    fail("expected a date such as date\"2024-05-01\" or date\"2024-05-01T10:00:00Z\".", start);
  }
  return token(TokenKind::kConstant, "{\"$date\":" + std::to_string(*milliseconds) + "}", start);
}

Token Lexer::bytes(size_t start) {
  constexpr std::string_view kBase64 =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::string hex = between_quotes();
  const bool valid = std::all_of(hex.begin(), hex.end(), [](char c) { return hex_digit(c) >= 0; });
  if (!valid || hex.size() % 2 != 0) {
    fail("expected pairs of hexadecimal digits, such as x\"00ff\".", start);
  }
  std::string base64;
  for (size_t i = 0; i < hex.size(); i += 6) {
    const size_t size = std::min<size_t>(6, hex.size() - i) / 2;
    unsigned group = 0;
    for (size_t j = 0; j < 6; ++j) {
      const int digit = i + j < hex.size() ? hex_digit(hex[i + j]) : 0;
      group = group << 4 | static_cast<unsigned>(digit);
    }
    for (size_t j = 0; j < 4; ++j) base64 += j <= size ? kBase64[group >> (18 - 6 * j) & 63] : '=';
  }
  return token(TokenKind::kConstant, "{\"$bytes\":\"" + base64 + "\"}", start);
}

Token Lexer::symbol() {
  const size_t start = at_;
  for (const std::string_view two : {"==", "!=", "<>", "<=", ">="}) {
    if (!text_.substr(at_).starts_with(two)) continue;
    at_ += 2;
    return token(TokenKind::kSymbol, std::string(two), start);
  }
  if (std::string_view("=<>()[]+-*/,.:").find(peek()) == std::string_view::npos) {
    fail("this character has no meaning here.", start);
  }
  return token(TokenKind::kSymbol, std::string(1, text_[at_++]), start);
}

}  // namespace cairn::cli
