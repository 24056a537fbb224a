// Dates: what each text is read as, and how times are written. The facts are V8's (Node 20).
#include "core/query/js_date.h"

#include <gtest/gtest.h>

#include "support/values.h"

namespace cairn::unit {
namespace {

using namespace std::string_view_literals;
using enum ParsedDate::Kind;

struct ParseFact {
  std::string_view text;
  ParsedDate::Kind kind;
  int64_t milliseconds = 0;
};

const ParseFact kParseFacts[] = {
    {"1970", kTime, 0},
    {"1970-01", kTime, 0},
    {"1970-01-01", kTime, 0},
    {"0000", kTime, -62167219200000},
    {"0000-01-01", kTime, -62167219200000},
    {"0099-12-31", kTime, -59011545600000},
    {"9999-12-31T23:59:59.999Z", kTime, 253402300799999},
    {"+010000-01-01", kTime, 253402300800000},
    {"-000001-01-01T00:00:00Z", kTime, -62198755200000},
    {"+000000", kTime, -62167219200000},
    {"+002020-02-03", kTime, 1580688000000},
    {"-271821-04-20", kTime, -8640000000000000},
    {"-271821-04-20T00:00:00Z", kTime, -8640000000000000},
    {"-271821-04-19T23:59:59.999Z", kInvalid},
    {"+275760-09-13", kTime, 8640000000000000},
    {"+275760-09-13T00:00:00.000Z", kTime, 8640000000000000},
    {"+275760-09-13T00:00:00.001Z", kInvalid},
    {"+275760-09-13T23:59:59+23:59", kInvalid},
    {"+275760-09-13T00:01+00:02", kTime, 8639999999940000},
    {"+999999-12-31", kInvalid},
    {"2024-02-29", kTime, 1709164800000},
    {"2023-02-29", kTime, 1677628800000},
    {"2023-02-30", kTime, 1677715200000},
    {"2023-02-31", kTime, 1677801600000},
    {"2023-04-31T12:00Z", kTime, 1682942400000},
    {"2000-12-31", kTime, 978220800000},
    {"1900-03-01", kTime, -2203891200000},
    {"2100-02-29T00:00Z", kTime, 4107542400000},
    {"2020T10:00Z", kTime, 1577872800000},
    {"2020-05T10:00Z", kTime, 1588327200000},
    {"2020-01-01T00:00Z", kTime, 1577836800000},
    {"2020-01-01t00:00z", kTime, 1577836800000},
    {"2020-01-01T23:59:59Z", kTime, 1577923199000},
    {"2020-01-01T24:00Z", kTime, 1577923200000},
    {"2020-01-01T24:00:00Z", kTime, 1577923200000},
    {"2020-01-01T24:00:00.000Z", kTime, 1577923200000},
    {"2020-01-01T24:00:00.0000000000Z", kTime, 1577923200000},
    {"2020-01-01T24:00:00.001Z", kInvalid},
    {"2020-01-01T24:00:00.0001Z", kInvalid},
    {"2020-01-01T24:00:01Z", kInvalid},
    {"2020-01-01T24:01Z", kInvalid},
    {"2020-01-01T25:00Z", kInvalid},
    {"2020-01-01T10:60Z", kInvalid},
    {"2020-01-01T10:00:60Z", kInvalid},
    {"2020-01-01T10Z", kInvalid},
    {"2020-01-01T10", kInvalid},
    {"2020-01-01T", kInvalid},
    {"2020-01-01T1:00Z", kInvalid},
    {"2020-01-01T10:0Z", kInvalid},
    {"2020-01-01T10:00:0Z", kInvalid},
    {"2020-01-01T10:00:00.Z", kInvalid},
    {"2020-01-01T10:00:00,5Z", kInvalid},
    {"2020-01-01T10:00:00.5Z", kTime, 1577872800500},
    {"2020-01-01T10:00:00.05Z", kTime, 1577872800050},
    {"2020-01-01T10:00:00.005Z", kTime, 1577872800005},
    {"2020-01-01T10:00:00.0005Z", kTime, 1577872800000},
    {"2020-01-01T10:00:00.9999Z", kTime, 1577872800999},
    {"2020-01-01T10:00:00.123456789Z", kTime, 1577872800123},
    {"2020-01-01T10:00:00.1234567891234567Z", kTime, 1577872800123},
    {"2020-01-01T10:00:00.000000001Z", kTime, 1577872800000},
    {"2020-01-01T10:00:00.0000000001Z", kTime, 1577872800000},
    {"2020-01-01T10:00:00.0012345678901Z", kTime, 1577872800123},
    {"2020-01-01T10:00:00.00000000000000000000000123456789Z", kTime, 1577872800123},
    {"2020-01-01T10:00+05:30", kTime, 1577853000000},
    {"2020-01-01T10:00-05:30", kTime, 1577892600000},
    {"2020-01-01T10:00+0530", kTime, 1577853000000},
    {"2020-01-01T10:00-0000", kTime, 1577872800000},
    {"2020-01-01T10:00+00:00", kTime, 1577872800000},
    {"2020-01-01T10:00+23:59", kTime, 1577786460000},
    {"2020-01-01T10:00+24:00", kInvalid},
    {"2020-01-01T10:00+10:60", kInvalid},
    {"2020-01-01T10:00+1060", kInvalid},
    {"2020-01-01T10:00+2400", kInvalid},
    {"2020-01-01T10:00+05", kInvalid},
    {"2020-01-01T10:00+5:30", kInvalid},
    {"2020-01-01T10:00+05:3", kInvalid},
    {"2020-01-01T10:00+053", kInvalid},
    {"2020-01-01T10:00+05300", kInvalid},
    {"2020-01-01T10:00+", kInvalid},
    {"2020-01-01T10:00ZZ", kInvalid},
    {"2020-01-01T10:00UTC", kInvalid},
    {"2020-01-01T10:00 Z", kInvalid},
    {"2020-01-01T10:00Z ", kInvalid},
    {"2020-01-01T10:00Z+01:00", kInvalid},
    {"2020-01-01T10:00(x)", kInvalid},
    {"2020-01-01T10:00\u00e9", kInvalid},
    {"2020-01-01Tx", kInvalid},
    {"2020-01-01T10:00Z\0x"sv, kTime, 1577872800000},
    {"2020-01-01\0x"sv, kTime, 1577836800000},
    {"1970-01-01T00:00", kLocal, 0},
    {"2020-01-01T10:00", kLocal, 1577872800000},
    {"2020-01-01t10:00:30", kLocal, 1577872830000},
    {"2020-01-01T10:00:30.25", kLocal, 1577872830250},
    {"2020T10:00", kLocal, 1577872800000},
    {"2020-06-15T24:00", kLocal, 1592265600000},
    {"-271821-04-20T00:00", kLocal, -8640000000000000},
    {"+275760-09-13T00:00", kLocal, 8640000000000000},
    {"+275760-09-14T00:00:00.001", kLocal, 8640000086400001},
    {"", kFreeForm},
    {" 2020-01-01", kFreeForm},
    {"2020-01-01 ", kFreeForm},
    {"2020-01-01 10:00", kFreeForm},
    {"2020-01-01 10:00Z", kFreeForm},
    {"2020-01-01Z", kFreeForm},
    {"2020-1-01", kFreeForm},
    {"2020-01-1", kFreeForm},
    {"2020-001", kFreeForm},
    {"20200101", kFreeForm},
    {"2020-13-01", kFreeForm},
    {"2020-00-01", kFreeForm},
    {"2020-01-00", kFreeForm},
    {"2020-01-32", kFreeForm},
    {"202-01-01", kFreeForm},
    {"02020-01-01", kFreeForm},
    {"+2020-01-01", kFreeForm},
    {"-000000", kFreeForm},
    {"-000000-01-01", kFreeForm},
    {"2020-", kFreeForm},
    {"2020-01-", kFreeForm},
    {"2020/01/01", kFreeForm},
    {"Jan 1 2020", kFreeForm},
    {"Thu, 01 Jan 1970 00:00:00 GMT", kFreeForm},
    {"now", kFreeForm},
    {"12", kFreeForm},
    {"\u22122020-01-01", kFreeForm}};

struct WriteFact {
  int64_t milliseconds;
  const char* iso;
  const char* utc;
};

const WriteFact kWriteFacts[] = {
    {0, "1970-01-01T00:00:00.000Z",
     "Thu Jan 01 1970 00:00:00 GMT+0000 (Coordinated Universal Time)"},
    {1, "1970-01-01T00:00:00.001Z",
     "Thu Jan 01 1970 00:00:00 GMT+0000 (Coordinated Universal Time)"},
    {-1, "1969-12-31T23:59:59.999Z",
     "Wed Dec 31 1969 23:59:59 GMT+0000 (Coordinated Universal Time)"},
    {951782400000, "2000-02-29T00:00:00.000Z",
     "Tue Feb 29 2000 00:00:00 GMT+0000 (Coordinated Universal Time)"},
    {951868800000, "2000-03-01T00:00:00.000Z",
     "Wed Mar 01 2000 00:00:00 GMT+0000 (Coordinated Universal Time)"},
    {-62167219200000, "0000-01-01T00:00:00.000Z",
     "Sat Jan 01 0000 00:00:00 GMT+0000 (Coordinated Universal Time)"},
    {-62167219200001, "-000001-12-31T23:59:59.999Z",
     "Fri Dec 31 -0001 23:59:59 GMT+0000 (Coordinated Universal Time)"},
    {253402300799999, "9999-12-31T23:59:59.999Z",
     "Fri Dec 31 9999 23:59:59 GMT+0000 (Coordinated Universal Time)"},
    {253402300800000, "+010000-01-01T00:00:00.000Z",
     "Sat Jan 01 10000 00:00:00 GMT+0000 (Coordinated Universal Time)"},
    {8640000000000000, "+275760-09-13T00:00:00.000Z",
     "Sat Sep 13 275760 00:00:00 GMT+0000 (Coordinated Universal Time)"},
    {-8640000000000000, "-271821-04-20T00:00:00.000Z",
     "Tue Apr 20 -271821 00:00:00 GMT+0000 (Coordinated Universal Time)"},
    {1709208000123, "2024-02-29T12:00:00.123Z",
     "Thu Feb 29 2024 12:00:00 GMT+0000 (Coordinated Universal Time)"},
    {-2208988800000, "1900-01-01T00:00:00.000Z",
     "Mon Jan 01 1900 00:00:00 GMT+0000 (Coordinated Universal Time)"},
    {4102444800000, "2100-01-01T00:00:00.000Z",
     "Fri Jan 01 2100 00:00:00 GMT+0000 (Coordinated Universal Time)"},
    {-62233315200000, "-000003-11-27T00:00:00.000Z",
     "Thu Nov 27 -0003 00:00:00 GMT+0000 (Coordinated Universal Time)"},
    {1000000000000, "2001-09-09T01:46:40.000Z",
     "Sun Sep 09 2001 01:46:40 GMT+0000 (Coordinated Universal Time)"},
    {-100000000000000, "-001199-02-15T14:13:20.000Z",
     "Thu Feb 15 -1199 14:13:20 GMT+0000 (Coordinated Universal Time)"},
    {1000000000000000, "+033658-09-27T01:46:40.000Z",
     "Fri Sep 27 33658 01:46:40 GMT+0000 (Coordinated Universal Time)"}};

std::string iso_of(int64_t milliseconds) {
  std::string out;
  append_iso_date(milliseconds, out);
  return out;
}

TEST(JsDate, TextsAreReadAsV8ReadsThem) {
  for (const ParseFact& fact : kParseFacts) {
    ParsedDate parsed = parse_date(fact.text);
    EXPECT_EQ(static_cast<int>(parsed.kind), static_cast<int>(fact.kind)) << fact.text;
    EXPECT_EQ(parsed.milliseconds, fact.milliseconds) << fact.text;
  }
}

TEST(JsDate, TimesAreWrittenAsV8WritesThem) {
  for (const WriteFact& fact : kWriteFacts) {
    std::string utc = "appended: ";
    append_utc_date(fact.milliseconds, utc);
    EXPECT_EQ(iso_of(fact.milliseconds), fact.iso);
    EXPECT_EQ(utc, "appended: " + std::string(fact.utc));
  }
}

TEST(JsDate, EveryDayOfFourCenturiesFollowsTheOneBefore) {
  CivilTime before = civil_time(-1);
  for (int64_t day = 0; day < 146097; ++day) {
    CivilTime time = civil_time(day * kMillisecondsOfDay);
    ASSERT_EQ(days_from_civil(time.year, time.month, time.day), day);
    ASSERT_EQ(time.weekday, (before.weekday + 1) % 7);
    bool next_day = time.day == before.day + 1 && time.month == before.month;
    bool next_month = time.day == 1 && before.day >= 28 && time.month == before.month % 12 + 1;
    ASSERT_TRUE(next_day || next_month) << day;
    ASSERT_EQ(time.year, before.year + (time.month == 1 && before.month == 12 ? 1 : 0));
    before = time;
  }
}

TEST(JsDate, WhatIsWrittenReadsBack) {
  Random random(1);
  for (int i = 0; i < 20000; ++i) {
    auto milliseconds = static_cast<int64_t>(random.next() % 17280000000000001) - 8640000000000000;
    if (i % 2 == 0) milliseconds /= 4096;
    ParsedDate parsed = parse_date(iso_of(milliseconds));
    ASSERT_EQ(parsed, (ParsedDate{kTime, milliseconds})) << iso_of(milliseconds);
  }
}

TEST(JsDate, AnyBytesAreReadWithoutHarm) {
  Random random(2);
  const std::string alphabet = "0123456789-+:.TZtz \xff";
  for (int i = 0; i < 50000; ++i) {
    std::string text = i % 2 == 0 ? "2020-01-01T10:00:00.000+01:00" : "";
    for (size_t left = random.below(8); left > 0; --left)
      text.insert(random.below(text.size() + 1), 1, alphabet[random.below(alphabet.size())]);
    // Exactly as large as the text, so that a sanitizer sees reads beyond it.
    std::vector<char> exact(text.begin(), text.end());
    parse_date({exact.data(), exact.size()});
  }
}

}  // namespace
}  // namespace cairn::unit
