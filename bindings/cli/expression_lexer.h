// Cuts the text of an expression into tokens: names, constants as JSON, symbols. For one thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "expression.h"

namespace cairn::cli {

enum class TokenKind {
  kEnd,
  kName,        // `text`: as it stands there; may be a keyword
  kQuotedName,  // `text`: between backquotes
  kNumber,      // `text`: JSON
  kBigInt,      // `text`: its digits
  kConstant,    // `text`: JSON of a text, a date or bytes
  kSymbol       // `text`: one or two characters
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;
  size_t at = 0;  // in the source, in bytes
  size_t end = 0;

  bool is(std::string_view symbol) const { return kind == TokenKind::kSymbol && text == symbol; }
};

// Ends the command with a message that names the position, and an excerpt with a caret below it.
[[noreturn]] void fail_at(const Source& source, size_t at, const std::string& message,
                          const std::string& hint = "");

class Lexer {
 public:
  // Throws where the source is not UTF-8.
  explicit Lexer(const Source& source);

  Token next();

 private:
  Token token(TokenKind kind, std::string text, size_t start) const;
  Token number();
  Token name();
  Token quoted_name();
  Token text();
  Token date(size_t start);
  Token bytes(size_t start);
  Token symbol();

  std::string between_quotes();
  void escape(std::string& out);
  unsigned code_unit();
  void digits(const char* what);
  bool take(char c);
  char peek(size_t ahead = 0) const;
  [[noreturn]] void fail(const std::string& message, size_t at) const;

  const Source& source_;
  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace cairn::cli
