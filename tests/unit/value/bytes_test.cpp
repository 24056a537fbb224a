// Buffers, varints, the reader of hostile bytes, and base64.
#include <gtest/gtest.h>

#include <limits>

#include "core/value/base64.h"
#include "core/value/bytes.h"
#include "support/values.h"

namespace cairn::unit {
namespace {

std::string varint(uint64_t value) {
  ByteBuffer out;
  out.put_varint(value);
  return to_string(out);
}

TEST(Varint, RoundTripsAtTheEdgesOfEveryWidth) {
  for (unsigned bit = 0; bit < 64; ++bit) {
    for (uint64_t value : {uint64_t{1} << bit, (uint64_t{1} << bit) - 1}) {
      std::string bytes = varint(value);
      ByteReader reader(as_bytes(bytes));
      EXPECT_EQ(reader.varint(), value);
      EXPECT_TRUE(reader.done());
    }
  }
  EXPECT_EQ(hex(varint(127)), "7f");
  EXPECT_EQ(hex(varint(128)), "8001");
  EXPECT_EQ(varint(std::numeric_limits<uint64_t>::max()).size(), 10u);
}

TEST(Varint, RefusesMoreThan64Bits) {
  for (const char* digits : {"ffffffffffffffffff02", "ffffffffffffffffff7f",
                             "ffffffffffffffffffff01", "80808080808080808080808000"}) {
    std::string bytes = from_hex(digits);
    EXPECT_EQ(status_of([&] { ByteReader(as_bytes(bytes)).varint(); }), Status::kMalformed)
        << digits;
  }
}

TEST(Varint, RefusesEveryTruncation) {
  std::string bytes = varint(std::numeric_limits<uint64_t>::max());
  for (size_t size = 0; size < bytes.size(); ++size) {
    std::vector<uint8_t> cut(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size));
    EXPECT_EQ(status_of([&] { ByteReader(Bytes(cut)).varint(); }), Status::kMalformed) << size;
  }
}

TEST(ByteReader, SizesThatReachPastTheEndAreRefused) {
  for (const char* digits : {"01", "0561626364", "ffffffffffffffffff0161", "ffffffff0f61"}) {
    std::string bytes = from_hex(digits);
    EXPECT_EQ(status_of([&] { ByteReader(as_bytes(bytes)).sized(); }), Status::kMalformed);
  }
}

TEST(ByteReader, LoadsLittleEndianOfEverySize) {
  std::string bytes = from_hex("0102030405060708");
  uint64_t expected = 0;
  for (size_t size = 1; size <= 8; ++size) {
    expected |= static_cast<uint64_t>(size) << (8 * (size - 1));
    std::string exact = bytes.substr(0, size);
    EXPECT_EQ(load_le(as_bytes(exact).data(), size), expected) << size;
    ByteBuffer out;
    out.put_le(expected, size);
    EXPECT_EQ(to_string(out), bytes.substr(0, size));
  }
}

TEST(ByteBuffer, InsertsSizesOfEveryWidth) {
  for (size_t size : {0u, 1u, 127u, 128u, 16383u, 16384u, 2097151u, 2097152u}) {
    ByteBuffer out;
    out.put(std::string_view("head"));
    size_t start = out.size();
    std::string body(size, 'b');
    out.put(body);
    out.insert_size(start);
    ByteReader reader(out.from(4));
    EXPECT_TRUE(as_text(reader.sized()) == body) << size;
    EXPECT_TRUE(reader.done());
    EXPECT_EQ(as_text(Bytes{out.data(), 4}), "head");
  }
}

TEST(ByteBuffer, KeepsItsBytesWhenItGrowsAndMoves) {
  ByteBuffer out;
  std::string expected;
  for (int i = 0; i < 5000; ++i) {
    out.put(static_cast<uint8_t>(i));
    expected += static_cast<char>(i);
  }
  ByteBuffer moved(std::move(out));
  EXPECT_EQ(to_string(moved), expected);
  moved.truncate(3);
  EXPECT_EQ(to_string(moved), expected.substr(0, 3));
  moved.clear();
  EXPECT_TRUE(moved.empty());
}

TEST(Base64, MatchesTheExamplesOfRfc4648) {
  const std::pair<const char*, const char*> examples[] = {{"", ""},
                                                          {"f", "Zg=="},
                                                          {"fo", "Zm8="},
                                                          {"foo", "Zm9v"},
                                                          {"foob", "Zm9vYg=="},
                                                          {"fooba", "Zm9vYmE="},
                                                          {"foobar", "Zm9vYmFy"}};
  for (auto [plain, encoded] : examples) {
    EXPECT_EQ(to_base64(as_bytes(plain)), encoded);
    std::vector<uint8_t> bytes = from_base64(encoded);
    EXPECT_EQ(as_text(Bytes(bytes)), plain);
  }
}

TEST(Base64, RoundTripsEveryByte) {
  RandomValues random(1);
  for (int i = 0; i < 2000; ++i) {
    std::vector<uint8_t> bytes = random.bytes();
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
  }
}

TEST(Base64, RefusesWhatIsNone) {
  for (const char* text : {"A", "AA", "AAA", "=AAA", "A=AA", "AA=A",
                           "====", "A===", "AA*=", "Zm9v\n", "Zm8=Zm8=", "Zm9-"})
    EXPECT_EQ(status_of([&] { from_base64(text); }), Status::kInvalidValue) << text;
}

}  // namespace
}  // namespace cairn::unit
