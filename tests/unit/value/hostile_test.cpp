// Bytes from anywhere in place of values, rows and keys: an error or a value, never anything else.
// Every case is a copy of exact size, so that a sanitizer sees reads beyond it.
#include <gtest/gtest.h>

#include <set>

#include "core/value/canonical.h"
#include "core/value/key.h"
#include "core/value/row.h"
#include "support/values.h"

namespace cairn::unit {
namespace {

std::vector<uint8_t> exact(std::string_view bytes) { return {bytes.begin(), bytes.end()}; }

// Reads bytes as a portable value. What is taken for one must behave as one.
bool taken_for_value(std::string_view bytes) {
  std::vector<uint8_t> copy = exact(bytes);
  Value value;
  try {
    value = decode_value(copy);
  } catch (const Error& error) {
    EXPECT_TRUE(error.status() == Status::kMalformed || error.status() == Status::kInvalidValue)
        << error.what();
    return false;
  }
  EXPECT_EQ(from_portable(portable(value)), value);
  return true;
}

// Reads bytes as a stored value, in every way that the engine does.
bool taken_for_stored(std::string_view bytes, ShapeReader& shapes) {
  std::vector<uint8_t> copy = exact(bytes);
  try {
    ByteBuffer canonical;
    Canonicalizer(&shapes).put(read_item(copy), canonical);
  } catch (const Error&) {
    // Values inside are not checked for this.
  }
  try {
    ByteBuffer out;
    TupleWriter writer(out, 1);
    Transcoder(&shapes, nullptr).put(read_item(copy), writer, 0);
    return taken_for_value(as_text(out.bytes()));
  } catch (const Error&) {
    return false;
  }
}

// Calls `use` with every value of every byte of `bytes`.
template <typename Use>
void for_each_mutation(const std::string& bytes, Use use) {
  std::string copy = bytes;
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (int byte = 0; byte < 256; ++byte) {
      if (static_cast<char>(byte) == bytes[i]) continue;
      copy[i] = static_cast<char>(byte);
      use(copy);
    }
    copy[i] = bytes[i];
  }
}

std::string random_bytes(Random& random, size_t limit) {
  std::string bytes(random.below(limit), '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.next());
  return bytes;
}

Value one_of_each() {
  return Object{{"a", Array{1, 300, 1e300, -0.0, nullptr, true}},
                {"\xc3\xa9", Object{{"n", Array{Object{{"m", "text"}}}}}},
                {"d", Date{1790000000000}},
                {"i", BigInt{true, {1, 2, 3}}},
                {"y", std::vector<uint8_t>{1, 2, 3}},
                {"t", "\xe2\x82\xac\xed\xa0\x80"}};
}

TEST(HostileValues, EveryTruncationIsRefused) {
  RandomValues random(41);
  for (int i = 0; i < 300; ++i) {
    std::string bytes = portable(random.value(4));
    for (size_t size = 0; size < bytes.size(); ++size)
      ASSERT_FALSE(taken_for_value(bytes.substr(0, size))) << hex(bytes) << " cut to " << size;
  }
}

TEST(HostileValues, EveryChangeOfOneByteIsAnErrorOrAValue) {
  size_t values = 0, errors = 0;
  for_each_mutation(portable(one_of_each()), [&](const std::string& bytes) {
    ++(taken_for_value(bytes) ? values : errors);
  });
  EXPECT_GT(values, 100u);
  EXPECT_GT(errors, 100u);
}

TEST(HostileValues, RandomChangesAreAnErrorOrAValue) {
  RandomValues random(42);
  for (int i = 0; i < 20000; ++i) {
    std::string bytes = portable(random.value(4));
    for (size_t changes = 1 + random.random().below(3); changes > 0; --changes)
      bytes[random.random().below(bytes.size())] = static_cast<char>(random.random().next());
    taken_for_value(bytes);
  }
}

TEST(HostileValues, RandomBytesAreAnErrorOrAValue) {
  Random random(43);
  for (int i = 0; i < 50000; ++i) {
    std::string bytes = random_bytes(random, 40);
    // Most would fail at the tag, so half of them begin as an array or an object.
    if (!bytes.empty() && random.chance(50)) bytes[0] = random.chance(50) ? '\x14' : '\x15';
    if (bytes.size() > 1 && random.chance(80)) bytes[1] = static_cast<char>(bytes.size() - 2);
    taken_for_value(bytes);
  }
}

TEST(HostileValues, SizesThatPromiseMoreThanThereIsTakeNoMemory) {
  // Counts and sizes of 2^32 and more in a few bytes.
  for (const char* digits :
       {"14060180808080 10", "1405ffffffff0f", "150600ffffffff0f", "1507000180808080 10",
        "11ffffffffff7f00", "13ffffffff0f00", "10ffffffff0f00", "14ffffffffffffffffff0100"})
    EXPECT_FALSE(taken_for_value(from_hex(digits))) << digits;
}

TEST(HostileStoredValues, EveryChangeOfOneByteIsAnErrorOrAValue) {
  MemoryShapes shapes;
  std::string stored = stored_of(portable(one_of_each()), shapes);
  for_each_mutation(stored, [&](const std::string& bytes) { taken_for_stored(bytes, shapes); });
}

TEST(HostileStoredValues, RandomBytesAreAnErrorOrAValue) {
  MemoryShapes shapes;
  stored_of(portable(one_of_each()), shapes);
  Random random(44);
  for (int i = 0; i < 50000; ++i) {
    std::string bytes = random_bytes(random, 40);
    if (bytes.size() > 2) {
      bytes[0] = random.chance(50) ? '\x14' : '\x15';
      bytes[1] = static_cast<char>(bytes.size() - 2);
      if (random.chance(50)) bytes[2] = static_cast<char>(random.below(5));
    }
    taken_for_stored(bytes, shapes);
  }
}

TEST(HostileRows, EveryTruncationIsFound) {
  MemoryShapes shapes;
  std::string row = make_row(*one_of_each().get<Object>(), shapes);
  verify_row(as_bytes(row), shapes);
  for (size_t size = 0; size < row.size(); ++size) {
    std::vector<uint8_t> cut = exact(row.substr(0, size));
    ASSERT_EQ(status_of([&] { verify_row(cut, shapes); }), Status::kCorrupt) << size;
  }
}

TEST(HostileRows, EveryChangeOfOneByteIsFound) {
  MemoryShapes shapes;
  shapes.intern(std::vector<std::string_view>{"p", "q", "r", "s", "t", "u"});
  std::string row = make_row(*one_of_each().get<Object>(), shapes);
  for_each_mutation(row, [&](const std::string& bytes) {
    std::vector<uint8_t> copy = exact(bytes);
    ASSERT_EQ(status_of([&] { verify_row(copy, shapes); }), Status::kCorrupt) << hex(bytes);
  });
}

TEST(HostileRows, MergingIntoADamagedRowIsAnErrorOrARow) {
  MemoryShapes shapes;
  std::string row = make_row(*one_of_each().get<Object>(), shapes);
  Patch patch(Object{{"a", 1}, {"new", "x"}, {"d", Undefined{}}}, shapes);
  RowEncoder encoder(shapes);
  for_each_mutation(row, [&](const std::string& bytes) {
    std::vector<uint8_t> copy = exact(bytes);
    try {
      encoder.merge(copy, patch.view());
      encoder.same_as(copy);
      encoder.row();
    } catch (const Error& error) {
      ASSERT_EQ(error.status(), Status::kCorrupt) << error.what();
    }
  });
}

TEST(HostileRows, ReplacingADamagedRowMendsIt) {
  MemoryShapes shapes;
  std::string row = make_row(*one_of_each().get<Object>(), shapes);
  Patch patch(*one_of_each().get<Object>(), shapes);
  RowEncoder encoder(shapes);
  encoder.insert(patch.view());
  // With the hash that it should have, and any contents behind it.
  for_each_mutation(row.substr(kRowHashSize), [&](const std::string& body) {
    std::vector<uint8_t> copy = exact(row.substr(0, kRowHashSize) + body);
    if (encoder.same_as(copy)) {
      ASSERT_EQ(hex(canonical_of(row_value(as_text(copy), shapes))),
                hex(canonical_of(one_of_each())));
    }
  });
}

TEST(HostileKeys, EveryChangeIsAnErrorOrAKey) {
  for (const Value& key : {Value("abc"), Value("\xc3\xa9\xf0\x9f\x98\x80\xed\xa0\x80"), Value(1.5),
                           Value(-0.0), Value("")}) {
    std::string bytes = encoded_key(key);
    std::set<Status> statuses;
    for_each_mutation(bytes, [&](const std::string& changed) {
      std::vector<uint8_t> copy = exact(changed);
      statuses.insert(status_of([&] {
        ByteBuffer out;
        TupleWriter writer(out, 1);
        put_key(copy, writer);
        // A key that is read is a value, and the same key again.
        ASSERT_EQ(hex(encoded_key(decode_value(out.bytes()))), hex(changed));
        describe_key(copy);
      }));
    });
    statuses.erase(Status::kOk);
    EXPECT_EQ(statuses, std::set<Status>{Status::kCorrupt});
  }
}

}  // namespace
}  // namespace cairn::unit
