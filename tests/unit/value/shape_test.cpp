// Shapes: how lists of names are encoded, and what is no list of names.
#include "core/value/shape.h"

#include <gtest/gtest.h>

#include "support/values.h"

namespace cairn::unit {
namespace {

std::string encoded_names(const std::vector<std::string_view>& names) {
  ByteBuffer out;
  encode_names(names, out);
  return to_string(out);
}

Status status_of_names(std::string_view bytes) {
  std::vector<uint8_t> copy(bytes.begin(), bytes.end());
  return status_of([&] {
    ByteReader reader{Bytes(copy)};
    std::vector<std::string_view> names;
    decode_names(reader, names);
  });
}

TEST(Shapes, NamesRoundTripInTheirOrder) {
  std::string long_name(300, 'n');
  const std::vector<std::string_view> names = {"b", "a", "", "\xc3\xa9", "\xed\xa0\x80", long_name};
  auto shape = make_shape(7, encoded_names(names));
  EXPECT_EQ(shape->id, 7u);
  EXPECT_EQ(shape->names, names);
  EXPECT_EQ(shape->by_name, (std::vector<uint16_t>{2, 1, 0, 5, 3, 4}));
}

TEST(Shapes, HaveTheDocumentedEncoding) {
  EXPECT_EQ(hex(encoded_names({})), "00");
  EXPECT_EQ(hex(encoded_names({"id", ""})),
            "020269640"
            "0");
}

TEST(Shapes, NoTwoNamesAreTheSame) {
  EXPECT_EQ(status_of([] { make_shape(1, encoded_names({"a", "b", "a"})); }), Status::kMalformed);
  EXPECT_EQ(status_of([] { make_shape(1, encoded_names({"", ""})); }), Status::kMalformed);
}

TEST(Shapes, BytesAfterTheNamesAreRefused) {
  EXPECT_EQ(status_of([] { make_shape(1, encoded_names({"a"}) + "x"); }), Status::kMalformed);
}

TEST(Shapes, HostileNamesAreRefused) {
  std::string names = encoded_names({"first", "\xc3\xa9", "third"});
  EXPECT_EQ(status_of_names(names), Status::kOk);
  for (size_t size = 0; size < names.size(); ++size)
    EXPECT_EQ(status_of_names(names.substr(0, size)), Status::kMalformed) << size;
  for (const char* digits :
       {"01", "0102ff", "01 01ff", "808004", "ffffffffffffffffff01", "0105 61"})
    EXPECT_EQ(status_of_names(from_hex(digits)), Status::kMalformed) << digits;
}

TEST(Shapes, AnObjectHasAtMost65535Names) {
  std::vector<std::string> texts;
  for (size_t i = 0; i <= kMaxFields; ++i) texts.push_back(std::to_string(i));
  std::vector<std::string_view> names(texts.begin(), texts.end());
  EXPECT_EQ(status_of_names(encoded_names(names)), Status::kMalformed);
  names.pop_back();
  EXPECT_EQ(status_of_names(encoded_names(names)), Status::kOk);
}

}  // namespace
}  // namespace cairn::unit
