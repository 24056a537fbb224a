// The one form of each number, date and text, and how tuples of values are read back.
#include "core/value/tags.h"

#include <gtest/gtest.h>

#include <bit>
#include <limits>

#include "reference.h"
#include "support/values.h"

namespace cairn::unit {
namespace {

std::string number(double value) {
  ByteBuffer out;
  TupleWriter(out, 1).put_number(value);
  return hex(as_text(out.bytes()));
}

std::string date(int64_t milliseconds) {
  ByteBuffer out;
  TupleWriter(out, 1).put_date(milliseconds);
  return hex(as_text(out.bytes()));
}

std::string text(std::string_view value) {
  ByteBuffer out;
  TupleWriter(out, 1).put_text(as_bytes(value));
  return to_string(out);
}

double read_back(double value) {
  ByteBuffer out;
  TupleWriter(out, 1).put_number(value);
  return read_item(out.bytes()).number();
}

TEST(Numbers, SmallIntegersAreTheirTag) {
  for (int i = 0; i < 32; ++i) {
    ByteBuffer out;
    TupleWriter(out, 1).put_number(i);
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(out[0], 0x20 + i);
  }
}

TEST(Numbers, IntegersTakeTheShortestWidth) {
  EXPECT_EQ(number(32), "0420");
  EXPECT_EQ(number(127), "047f");
  EXPECT_EQ(number(-1), "04ff");
  EXPECT_EQ(number(-128), "0480");
  EXPECT_EQ(number(128), "058000");
  EXPECT_EQ(number(-129), "057fff");
  EXPECT_EQ(number(32767), "05ff7f");
  EXPECT_EQ(number(-32768), "050080");
  EXPECT_EQ(number(32768), "06008000");
  EXPECT_EQ(number(-32769), "06ff7fff");
  EXPECT_EQ(number(8388607), "06ffff7f");
  EXPECT_EQ(number(-8388608), "06000080");
  EXPECT_EQ(number(8388608), "0700008000");
  EXPECT_EQ(number(-8388609), "07ffff7fff");
  EXPECT_EQ(number(2147483647), "07ffffff7f");
  EXPECT_EQ(number(-2147483648.0), "0700000080");
  EXPECT_EQ(number(2147483648.0), "08000000800000");
  EXPECT_EQ(number(-2147483649.0), "08ffffff7fffff");
  EXPECT_EQ(number(140737488355327.0), "08ffffffffff7f");
  EXPECT_EQ(number(-140737488355328.0), "08000000000080");
  EXPECT_EQ(number(140737488355328.0), "090000000000800000");
  EXPECT_EQ(number(-140737488355329.0), "09ffffffffff7fffff");
}

TEST(Numbers, IntegersAreIntegersUpToTwoToThe53) {
  EXPECT_EQ(number(9007199254740991.0), "09ffffffffffff1f00");
  EXPECT_EQ(number(9007199254740992.0), "090000000000002000");
  EXPECT_EQ(number(-9007199254740992.0), "09000000000000e0ff");
  EXPECT_EQ(number(9007199254740994.0), "0b0100000000004043");
  EXPECT_EQ(number(-9007199254740994.0), "0b01000000000040c3");
}

TEST(Numbers, TwoToThe60StaysADouble) {
  double value = 1152921504606846976.0;
  EXPECT_EQ(number(value), "0a0000805d");  // a float holds it
  EXPECT_EQ(number(value + 256), "0b010000000000b043");
  EXPECT_EQ(read_back(value), value);
  EXPECT_EQ(read_back(value + 256), value + 256);
}

TEST(Numbers, FractionsTakeAFloatWhereItHoldsThem) {
  EXPECT_EQ(number(0.5), "0a0000003f");
  EXPECT_EQ(number(-1.5), "0a0000c0bf");
  EXPECT_EQ(number(0.1), "0b9a9999999999b93f");
  EXPECT_EQ(number(1e300), "0b9c7500883ce4377e");
  EXPECT_EQ(number(3.4028234663852886e38), "0affff7f7f");
  EXPECT_EQ(number(std::nextafter(3.4028234663852886e38, 1e39)), "0b010000e0ffffef47");
  EXPECT_EQ(number(std::ldexp(1.0, -149)), "0a01000000");
  EXPECT_EQ(number(std::ldexp(1.0, -150)), "0b0000000000009036");
  EXPECT_EQ(number(5e-324), "0b0100000000000000");
}

TEST(Numbers, NegativeZeroInfinitiesAndNaN) {
  EXPECT_EQ(number(0.0), "20");
  EXPECT_EQ(number(-0.0), "0a00000080");
  EXPECT_EQ(number(std::numeric_limits<double>::infinity()), "0a0000807f");
  EXPECT_EQ(number(-std::numeric_limits<double>::infinity()), "0a000080ff");
  for (uint64_t bits : {0x7ff8000000000000ull, 0x7ff8000000000001ull, 0xfff8000000000000ull,
                        0x7fffffffffffffffull, 0x7ff0000000000001ull})
    EXPECT_EQ(number(std::bit_cast<double>(bits)), "0a0000c07f") << bits;
  EXPECT_TRUE(std::signbit(read_back(-0.0)));
}

TEST(Numbers, RandomOnesReadBackAndAgreeWithTheReference) {
  RandomValues random(11);
  for (int i = 0; i < 30000; ++i) {
    double value = random.number();
    double back = read_back(value);
    if (std::isnan(value)) {
      ASSERT_TRUE(std::isnan(back));
      continue;
    }
    ASSERT_EQ(std::bit_cast<uint64_t>(back), std::bit_cast<uint64_t>(value)) << value;
    ASSERT_EQ(number(value), hex(cairn::testing::encode_portable(value))) << value;
  }
}

TEST(Dates, TakeSixBytesWhereTheyFit) {
  EXPECT_EQ(date(0), "0c000000000000");
  EXPECT_EQ(date(-1), "0cffffffffffff");
  EXPECT_EQ(date(140737488355327), "0cffffffffff7f");
  EXPECT_EQ(date(140737488355328), "0d0000000000800000");
  EXPECT_EQ(date(-140737488355328), "0c000000000080");
  EXPECT_EQ(date(-140737488355329), "0dffffffffff7fffff");
  EXPECT_EQ(date(8640000000000000), "0d0000dcc208b21e00");
  EXPECT_EQ(date(-8640000000000000), "0d0000243df74de1ff");
}

TEST(Texts, AreTaggedByLengthAndByWhetherTheyAreAscii) {
  EXPECT_EQ(text(""), from_hex("80"));
  EXPECT_EQ(text("a"),
            "\x81"
            "a");
  EXPECT_EQ(text(std::string(95, 'x')), "\xdf" + std::string(95, 'x'));
  EXPECT_EQ(text(std::string(96, 'x')), "\x12\x60" + std::string(96, 'x'));
  EXPECT_EQ(text(std::string(200, 'x')), "\x12\xc8\x01" + std::string(200, 'x'));
  EXPECT_EQ(text("\xc3\xa9"), "\x13\x02\xc3\xa9");
}

TEST(Tuples, ExactlyTheDocumentedTagsAreKnown) {
  auto known = [](int tag) {
    return tag <= 0x0d || (tag >= 0x10 && tag <= 0x15) || (tag >= 0x20 && tag <= 0x3f) ||
           (tag >= 0x80 && tag <= 0xdf);
  };
  for (int tag = 0; tag < 256; ++tag) {
    // Enough zero bytes for any payload; a size of 0 for those that have one.
    std::string bytes(1, static_cast<char>(tag));
    uint8_t size = kPayloadSize[static_cast<size_t>(tag)];
    bytes += std::string(size < kSized ? size : 1, '\0');
    Status status = status_of([&] { read_item(as_bytes(bytes)); });
    EXPECT_EQ(status, known(tag) ? Status::kOk : Status::kMalformed) << tag;
  }
}

TEST(Tuples, TagsStandTogetherBeforeThePayloads) {
  ByteBuffer out;
  TupleWriter writer(out, 4);
  writer.put_number(300);
  writer.put_bool(true);
  writer.put_text(as_bytes("hi"));
  writer.put_sized(kBytes, as_bytes("xyz"));
  EXPECT_EQ(hex(as_text(out.bytes())),
            "0502821"
            "12c01686903"
            "78797a");
  TupleReader reader(ByteReader(out.bytes()), 4);
  EXPECT_EQ(reader.left(), 4u);
  EXPECT_EQ(reader.next().integer(), 300);
  EXPECT_EQ(reader.next().tag, kTrue);
  EXPECT_EQ(reader.next().text(), "hi");
  EXPECT_EQ(as_text(reader.next().bytes()), "xyz");
  EXPECT_TRUE(reader.done());
  reader.expect_end();
}

TEST(Tuples, WhatIsLeftOverOrMissingIsMalformed) {
  auto malformed_item = [](const char* digits) {
    std::string bytes = from_hex(digits);
    return status_of([&] { read_item(as_bytes(bytes)); }) == Status::kMalformed;
  };
  for (const char* digits : {"", "2000", "04", "0500", "07000000", "8261", "81", "1103ffff", "11",
                             "0b00000000000000", "0c0000000000", "8161 62"})
    EXPECT_TRUE(malformed_item(digits)) << digits;
  std::string three = from_hex("2020");
  EXPECT_EQ(status_of([&] { TupleReader(ByteReader(as_bytes(three)), 3); }), Status::kMalformed);
}

TEST(Tuples, NestedValuesOfEverySizeOfSize) {
  for (size_t size : {0u, 100u, 127u, 128u, 20000u}) {
    ByteBuffer out;
    TupleWriter writer(out, 2);
    size_t start = writer.open(kArray);
    out.put(std::string(size, 'x'));
    writer.close(start);
    writer.put_bool(false);
    TupleReader reader(ByteReader(out.bytes()), 2);
    EXPECT_EQ(reader.next().size, size);
    EXPECT_EQ(reader.next().tag, kFalse);
    reader.expect_end();
  }
}

}  // namespace
}  // namespace cairn::unit
