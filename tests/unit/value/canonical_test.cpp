// The canonical form: equal bytes for equal contents, whatever the order of fields and however the
// value is stored; and the hashes over it.
#include "core/value/canonical.h"

#include <gtest/gtest.h>

#include <bit>

#include "core/value/json.h"
#include "reference.h"
#include "support/values.h"

namespace cairn::unit {
namespace {

using cairn::testing::Json;

std::string canonical_of_stored(std::string_view stored, ShapeReader& shapes) {
  ByteBuffer out;
  Canonicalizer(&shapes).put(read_item(as_bytes(stored)), out);
  return to_string(out);
}

TEST(Canonical, HasTheDocumentedForm) {
  Value value = Object{{"b", Array{1, "x"}}, {"a", Object{}}};
  EXPECT_EQ(hex(canonical_of(value)),
            "1502"
            "0161"
            "1500"
            "0162"
            "14022181"
            "78");
}

TEST(Canonical, AgreesWithTheReference) {
  RandomValues random(61);
  for (int i = 0; i < 3000; ++i) {
    Value value = random.value(4);
    Json json = Json::parse(to_json(value));
    ASSERT_EQ(hex(canonical_of(value)), hex(cairn::testing::encode_canonical(json))) << json;
  }
}

TEST(Canonical, TheOrderOfFieldsDoesNotCountAtAnyDepth) {
  RandomValues random(62);
  for (int i = 0; i < 3000; ++i) {
    Value value = random.value(5);
    Value other = shuffled(value, random.random());
    ASSERT_EQ(hex(canonical_of(value)), hex(canonical_of(other))) << to_json(value);
  }
}

TEST(Canonical, TheOrderOfItemsCounts) {
  EXPECT_NE(canonical_of(Array{1, 2}), canonical_of(Array{2, 1}));
}

TEST(Canonical, TheClassOfANumberCountsAndSoDoesTheSignOfZero) {
  EXPECT_NE(canonical_of(1), canonical_of(BigInt{false, {1}}));
  EXPECT_NE(canonical_of(1), canonical_of("1"));
  EXPECT_NE(canonical_of(0.0), canonical_of(-0.0));
  EXPECT_NE(canonical_of(Date{1}), canonical_of(1));
  EXPECT_EQ(canonical_of(std::bit_cast<double>(0x7ff8000000000000ull)),
            canonical_of(std::bit_cast<double>(0xfff0000000000001ull)));
}

TEST(Canonical, ValuesThatDifferHaveDifferentBytes) {
  RandomValues random(63);
  std::map<std::string, Value> seen;
  for (int i = 0; i < 5000; ++i) {
    Value value = random.value(3);
    auto [place, fresh] = seen.emplace(canonical_of(value), value);
    if (fresh) continue;
    // Only the order of fields may differ, which the reference sorts out.
    ASSERT_EQ(cairn::testing::encode_canonical(Json::parse(to_json(place->second))),
              cairn::testing::encode_canonical(Json::parse(to_json(value))));
  }
}

TEST(Canonical, DoesNotDependOnShapes) {
  RandomValues random(64);
  MemoryShapes all, few(3), none(0);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes = portable(random.value(4));
    std::string expected = hex(canonical_of(from_portable(bytes)));
    for (MemoryShapes* shapes : {&all, &few, &none})
      ASSERT_EQ(hex(canonical_of_stored(stored_of(bytes, *shapes), *shapes)), expected);
  }
}

TEST(Canonical, ObjectsOfManyFieldsAreSortedToo) {
  Object fields;
  for (int i = 0; i < 500; ++i) fields.emplace_back("field" + std::to_string(i * 7919 % 500), i);
  Random random(65);
  EXPECT_EQ(canonical_of(fields), canonical_of(shuffled(fields, random)));
}

TEST(Canonical, NamesAreSortedByBytes) {
  // "Z" < "a" < "é" < U+10000 < nothing else: bytes, not letters, and not UTF-16 units.
  Value value =
      Object{{"\xf0\x90\x80\x80", 0}, {"\xef\xbf\xbf", 1}, {"\xc3\xa9", 2}, {"a", 3}, {"Z", 4}};
  EXPECT_EQ(hex(canonical_of(value)),
            "1505"
            "015a24"
            "016123"
            "02c3a922"
            "03efbfbf21"
            "04f090808020");
}

TEST(Digest, PartsDoNotCount) {
  Random random(66);
  std::string bytes(100000, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.next());
  Digest whole, parts;
  whole.add(as_bytes(bytes));
  for (size_t at = 0; at < bytes.size();) {
    size_t size = std::min(bytes.size() - at, random.below(700));
    parts.add(as_bytes(bytes).subspan(at, size));
    at += size;
  }
  EXPECT_EQ(to_hex(whole.result()), to_hex(parts.result()));
  parts.add(as_bytes("x"));
  EXPECT_NE(to_hex(whole.result()), to_hex(parts.result()));
}

TEST(Digest, OfNothingIsXxh3OfNothing) {
  EXPECT_EQ(to_hex(Digest().result()), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(hash64({}), 0x2d06800538d394c2ull);
}

}  // namespace
}  // namespace cairn::unit
