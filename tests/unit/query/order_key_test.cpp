// Values as bytes: their order against a plain comparison of values, and what indexes rely on.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/query/js_text.h"
#include "core/query/order_key.h"
#include "core/value/object.h"
#include "support/values.h"

namespace cairn::unit::order_key_tests {
namespace {

// An operand and the bytes that it borrows.
class Held {
 public:
  explicit Held(const Value& value) : portable_(portable(value)) {}
  Operand operand() const { return Operand::of(read_item(as_bytes(portable_))); }

 private:
  std::string portable_;
};

std::string encoded(const Value& value, const OrderOptions& options = {}) {
  Held held(value);
  ByteBuffer out;
  encode_order(held.operand(), options, out);
  return to_string(out);
}

OrderOptions ordered(bool descending, bool nulls_last) {
  OrderOptions options;
  options.descending = descending;
  options.nulls_last = nulls_last;
  return options;
}

int sign(auto a, auto b) { return a < b ? -1 : b < a ? 1 : 0; }

int class_of(const Value& value) { return static_cast<int>(order_class(Held(value).operand())); }

// Integers beyond a double's: by their digits.
int compare_bigints(const BigInt& a, const BigInt& b) {
  std::string x = a.to_decimal(), y = b.to_decimal();
  bool x_negative = x[0] == '-', y_negative = y[0] == '-';
  if (x_negative != y_negative) return x_negative ? -1 : 1;
  int order = x.size() != y.size() ? sign(x.size(), y.size()) : sign(x, y);
  return x_negative ? -order : order;
}

int compare(const Value& a, const Value& b);

int compare_arrays(const Array& a, const Array& b) {
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    if (int order = compare(a[i], b[i])) return order;
  return sign(a.size(), b.size());
}

// ORDER.md, said once more in plain code. Numbers and bigints meet in a test of their own.
int compare(const Value& a, const Value& b) {
  if (class_of(a) != class_of(b)) return sign(class_of(a), class_of(b));
  if (auto* flag = a.get<bool>()) return sign(*flag, *b.get<bool>());
  if (auto* date = a.get<Date>()) return sign(date->milliseconds, b.get<Date>()->milliseconds);
  if (auto* bytes = a.get<std::vector<uint8_t>>())
    return sign(*bytes, *b.get<std::vector<uint8_t>>());
  if (auto* items = a.get<Array>()) return compare_arrays(*items, *b.get<Array>());
  if (auto* text = a.get<std::string>()) {
    auto order = compare_utf16(*text, *b.get<std::string>());
    return order < 0 ? -1 : order > 0 ? 1 : 0;
  }
  auto *x = a.get<double>(), *y = b.get<double>();
  if (x != nullptr && y != nullptr) return *x == *x ? sign(*x, *y) : 0;
  auto *big_x = a.get<BigInt>(), *big_y = b.get<BigInt>();
  return big_x != nullptr && big_y != nullptr ? compare_bigints(*big_x, *big_y) : 0;
}

bool is_mixed(const Value& a, const Value& b) {
  if (auto* x = a.get<Array>(), *y = b.get<Array>(); x != nullptr && y != nullptr) {
    for (size_t i = 0; i < std::min(x->size(), y->size()); ++i)
      if (is_mixed((*x)[i], (*y)[i])) return true;
    return false;
  }
  return class_of(a) == static_cast<int>(OrderClass::kNumber) && class_of(b) == class_of(a) &&
         (a.get<BigInt>() == nullptr) != (b.get<BigInt>() == nullptr);
}

std::vector<Value> random_values(uint64_t seed, size_t count) {
  RandomValues random(seed);
  std::vector<Value> values = {nullptr, true, false, 0, -0.0, "", "a", Array{}, Array{nullptr}};
  while (values.size() < count) values.push_back(random.value(2));
  return values;
}

TEST(OrderKey, HasTheOrderOfValues) {
  std::vector<Value> values = random_values(1, 400);
  for (const Value& a : values) {
    for (const Value& b : values) {
      if (is_mixed(a, b)) continue;
      int expected = compare(a, b);
      ASSERT_EQ(sign(encoded(a), encoded(b)), expected)
          << ::testing::PrintToString(a) << " " << ::testing::PrintToString(b);
    }
  }
}

TEST(OrderKey, NumbersAndBigIntsHaveOneOrder) {
  const char* big = "9007199254740992";  // 2^53
  std::vector<Value> ascending = {-std::numeric_limits<double>::infinity(),
                                  BigInt::parse("-1" + std::string(400, '0')),
                                  -1.7976931348623157e308,
                                  BigInt::parse("-9007199254740993"),
                                  -9007199254740992.0,
                                  -1.5,
                                  BigInt::parse("-1"),
                                  -5e-324,
                                  0,
                                  5e-324,
                                  1,
                                  1.5,
                                  BigInt::parse("2"),
                                  9007199254740991.0,
                                  BigInt::parse(big),
                                  BigInt::parse("9007199254740993"),
                                  9007199254740994.0,
                                  BigInt::parse("18446744073709551615"),
                                  18446744073709551616.0,
                                  BigInt::parse("18446744073709551617"),
                                  1.7976931348623157e308,
                                  BigInt::parse("1" + std::string(400, '0')),
                                  BigInt::parse("2" + std::string(400, '0')),
                                  std::numeric_limits<double>::infinity(),
                                  std::numeric_limits<double>::quiet_NaN()};
  for (size_t i = 0; i < ascending.size(); ++i)
    for (size_t j = 0; j < ascending.size(); ++j)
      ASSERT_EQ(sign(encoded(ascending[i]), encoded(ascending[j])), sign(i, j)) << i << " " << j;
  EXPECT_EQ(encoded(1), encoded(BigInt::parse("1")));
  EXPECT_EQ(encoded(-0.0), encoded(0));
  EXPECT_EQ(encoded(-0.0), encoded(BigInt::parse("0")));
  EXPECT_EQ(encoded(9007199254740992.0), encoded(BigInt::parse(big)));
}

TEST(OrderKey, TextsAreInTheOrderOfUtf16Units) {
  // U+FFFF is above U+1F600 by bytes of UTF-8, and below it by units; a lone half is beside its
  // pair.
  std::vector<Value> ascending = {"",
                                  std::string("\0", 1),
                                  std::string("\0\0", 2),
                                  std::string("\0\1", 2),
                                  std::string("\1", 1),
                                  std::string("\1\0", 2),
                                  "a",
                                  std::string("a\0", 2),
                                  "a\1",
                                  "ab",
                                  "b",
                                  "ä",
                                  "\xed\xa0\xbd",
                                  "\xed\xa0\xbdz",
                                  "\U0001F600",
                                  "\U0001F600x",
                                  "\xed\xb8\x80",
                                  "\uFFFF"};
  for (size_t i = 0; i < ascending.size(); ++i)
    for (size_t j = 0; j < ascending.size(); ++j)
      ASSERT_EQ(sign(encoded(ascending[i]), encoded(ascending[j])), sign(i, j)) << i << " " << j;
}

TEST(OrderKey, NoneIsTheStartOfAnother) {
  for (bool descending : {false, true}) {
    std::vector<std::string> keys;
    for (const Value& value : random_values(2, 600))
      keys.push_back(encoded(value, ordered(descending, false)));
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    for (size_t i = 1; i < keys.size(); ++i)
      ASSERT_FALSE(keys[i].starts_with(keys[i - 1])) << hex(keys[i - 1]) << " " << hex(keys[i]);
  }
}

TEST(OrderKey, DescendingIsTheReverse) {
  for (bool nulls_last : {false, true}) {
    std::vector<Value> values = random_values(3, 200);
    for (const Value& a : values) {
      for (const Value& b : values) {
        if (class_of(a) == 2 || class_of(b) == 2) continue;  // null
        int up =
            sign(encoded(a, ordered(false, nulls_last)), encoded(b, ordered(false, nulls_last)));
        int down =
            sign(encoded(a, ordered(true, nulls_last)), encoded(b, ordered(true, nulls_last)));
        ASSERT_EQ(up, -down);
      }
    }
  }
}

TEST(OrderKey, NullIsWhereTheClauseSays) {
  for (bool descending : {false, true}) {
    for (const Value& value : random_values(4, 300)) {
      if (class_of(value) == 2) continue;
      EXPECT_LT(encoded(nullptr, ordered(descending, false)),
                encoded(value, ordered(descending, false)));
      EXPECT_GT(encoded(nullptr, ordered(descending, true)),
                encoded(value, ordered(descending, true)));
    }
    EXPECT_EQ(encoded(nullptr, ordered(descending, false)),
              encoded(Undefined{}, ordered(descending, false)));
  }
  EXPECT_LT(encoded(Array{1, 5}, ordered(false, true)),
            encoded(Array{1, nullptr}, ordered(false, true)));
  EXPECT_GT(encoded(Array{1, 5}), encoded(Array{1, nullptr}));
}

TEST(OrderKey, ValuesKnowTheirSize) {
  std::vector<Value> values = random_values(5, 300);
  for (size_t i = 0; i + 2 < values.size(); ++i) {
    std::string first = encoded(values[i]), second = encoded(values[i + 1]);
    std::string entry = first + second + "the row's key";
    ASSERT_EQ(encoded_values_size(entry, 1), first.size());
    ASSERT_EQ(encoded_values_size(entry, 2), first.size() + second.size());
  }
}

TEST(OrderKey, DamagedEntriesAreFound) {
  Random random(6);
  std::vector<Value> values = random_values(6, 200);
  for (const Value& value : values) {
    std::string entry = encoded(value);
    for (size_t size = 0; size < entry.size(); ++size) {
      Status status = status_of([&] { encoded_values_size(entry.substr(0, size), 1); });
      ASSERT_EQ(status, Status::kCorrupt) << hex(entry) << " " << size;
    }
    for (int i = 0; i < 5; ++i) {
      std::string changed = entry;
      changed[random.below(changed.size())] ^= static_cast<char>(1 + random.below(255));
      Status status = status_of([&] { encoded_values_size(changed, 1); });
      ASSERT_TRUE(status == Status::kOk || status == Status::kCorrupt);
    }
  }
}

TEST(OrderKey, AHostRanksTexts) {
  HostAnswers host(true);
  OrderOptions options;
  options.host = &host;
  options.locale = "de";
  Held texts(Array{"b", "A", Array{"a"}});
  ask_ranks(texts.operand(), options);
  std::optional<HostQuestion> question = host.next();
  ASSERT_TRUE(question.has_value());
  EXPECT_EQ(question->kind, fb::QuestionKind::Rank);
  EXPECT_EQ(question->locale, "de");
  EXPECT_EQ(from_portable(question->values), Value(Array{"A", "a", "b"}));
  std::string answer = portable(Array{1, 1, 2});
  host.answer(as_bytes(answer));
  EXPECT_EQ(encoded("a", options), encoded("A", options)) << "they tie in that locale";
  EXPECT_LT(encoded("A", options), encoded("b", options));
  EXPECT_LT(encoded(5, options), encoded("A", options)) << "classes keep their order";
  EXPECT_EQ(status_of([&] { encoded("unknown", options); }), Status::kInternal);
}

TEST(OrderKey, AfterAPrefix) {
  EXPECT_EQ(after_prefix("a"), "b");
  EXPECT_EQ(after_prefix("a\xff"), "b");
  EXPECT_EQ(after_prefix("\xff\xff"), "");
  EXPECT_EQ(after_prefix(""), "");
}

TEST(OrderKey, APrefixOfTextsIsThatOfTheirKeys) {
  auto prefix = [](std::string_view text) {
    ByteBuffer out;
    encode_text_prefix(as_bytes(text), out);
    return to_string(out);
  };
  EXPECT_TRUE(encoded("text and more").starts_with(prefix("text")));
  EXPECT_TRUE(encoded("text").starts_with(prefix("text")));
  EXPECT_FALSE(encoded("tex").starts_with(prefix("text")));
  // Half a pair is the start of the pair.
  EXPECT_TRUE(encoded("\U0001F600").starts_with(prefix("\xed\xa0\xbd")));
  EXPECT_TRUE(encoded(std::string("a\0b", 3)).starts_with(prefix(std::string_view("a\0", 2))));
}

}  // namespace
}  // namespace cairn::unit::order_key_tests
