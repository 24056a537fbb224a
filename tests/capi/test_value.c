/* JSON in and out: portable values, row batches and tables. */
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"

/* JSON to a portable value and back. */
static const char* round_trip(const char* json) {
  bytes made = value(json);
  cairn_buffer* out = NULL;
  WORKS(cairn_value_to_json(made.data, made.size, &out, E));
  return text_of(out);
}

static void values_go_there_and_back(void) {
  static const char* const texts[] = {"null",
                                      "true",
                                      "false",
                                      "0",
                                      "-1",
                                      "31",
                                      "32",
                                      "1.5",
                                      "9007199254740991",
                                      "\"\"",
                                      "\"text\"",
                                      "\"\\u0000\"",
                                      "[]",
                                      "[1,[2,[3]],\"x\"]",
                                      "{}",
                                      "{\"b\":1,\"a\":{\"c\":null}}",
                                      "{\"$number\":\"NaN\"}",
                                      "{\"$number\":\"Infinity\"}",
                                      "{\"$number\":\"-Infinity\"}",
                                      "{\"$number\":\"-0\"}",
                                      "{\"$bigint\":\"-123456789012345678901234567890\"}",
                                      "{\"$bytes\":\"AAEC/w==\"}",
                                      "{\"$bytes\":\"\"}",
                                      "{\"$text\":\"7aC9\"}",
                                      "{\"$date\":\"2026-01-31T12:00:00.000Z\"}",
                                      "{\"$object\":[[\"$date\",1]]}"};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    CHECK_TEXT(round_trip(texts[i]), texts[i]);
  }
}

static void dates_are_texts_or_milliseconds(void) {
  CHECK_TEXT(round_trip("{\"$date\": 0}"), "{\"$date\":\"1970-01-01T00:00:00.000Z\"}");
  CHECK_TEXT(round_trip("{\"$date\": -1}"), "{\"$date\":\"1969-12-31T23:59:59.999Z\"}");
  bytes first = value("{\"$date\": 951782400000}");
  bytes second = value("{\"$date\": \"2000-02-29T00:00:00.000Z\"}");
  CHECK(first.size == second.size && memcmp(first.data, second.data, first.size) == 0);
}

static void json_that_is_wrong_is_malformed(void) {
  static const char* const texts[] = {"",
                                      " ",
                                      "{",
                                      "[1,]",
                                      "{\"a\":}",
                                      "nul",
                                      "1 2",
                                      "\"\\x\"",
                                      "\"\xC3\"",
                                      "\"\xED\xA0\xBD\"",
                                      "\"a",
                                      "01",
                                      "'a'",
                                      "{\"$date\": \"yesterday\"}",
                                      "{\"$bytes\": \"*\"}",
                                      "{\"$bigint\": \"1.5\"}",
                                      "{\"$number\": \"many\"}"};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    cairn_buffer* out = UNSET;
    cairn_status status = cairn_value_from_json(texts[i], strlen(texts[i]), &out, NULL);
    CHECK(out == NULL);
    if (status != CAIRN_MALFORMED && status != CAIRN_INVALID_VALUE) {
      check_call(status, CAIRN_MALFORMED, NULL, texts[i], __FILE__, __LINE__);
    }
  }
}

static void a_json_error_says_where(void) {
  const char* json = "{\"a\": 1,\n \"b\": ]}";
  cairn_buffer* out = UNSET;
  cairn_error* error = NULL;
  CHECK(cairn_value_from_json(json, strlen(json), &out, &error) == CAIRN_MALFORMED);
  CHECK(out == NULL);
  CHECK(strstr(cairn_error_message(error), "line 2") != NULL);
  CHECK(strstr(cairn_error_message(error), "column") != NULL);
  cairn_error_free(error);
}

static void a_value_that_cannot_be_one_is_refused(void) {
  cairn_buffer* out = UNSET;
  const char* far = "{\"$date\": 8640000000000001}";
  FAILS(CAIRN_INVALID_VALUE, cairn_value_from_json(far, strlen(far), &out, E));
  CHECK(out == NULL);
  char deep[400];
  memset(deep, '[', 200);
  memset(deep + 200, ']', 200);
  out = UNSET;
  FAILS(CAIRN_INVALID_VALUE, cairn_value_from_json(deep, sizeof deep, &out, E));
  CHECK(out == NULL);
}

static void json_nested_without_end_does_no_harm(void) {
  size_t size = 4 * 1000 * 1000;
  char* deep = malloc(size);
  REQUIRE(deep != NULL);
  memset(deep, '[', size);
  cairn_buffer* out = UNSET;
  cairn_status status = cairn_value_from_json(deep, size, &out, NULL);
  CHECK(status == CAIRN_MALFORMED || status == CAIRN_INVALID_VALUE);
  CHECK(out == NULL);
  free(deep);
}

static void a_table_nested_without_end_does_no_harm(void) {
  static const char head[] = "{\"entries\": [{\"key\": \"k\", \"value\": ";
  const size_t depth = 1000 * 1000, start = sizeof head - 1;
  const size_t size = start + 2 * depth + 3;
  char* deep = malloc(size);
  REQUIRE(deep != NULL);
  memcpy(deep, head, start);
  memset(deep + start, '[', depth);
  memset(deep + start + depth, ']', depth);
  memcpy(deep + size - 3, "}]}", 3);
  cairn_buffer* out = UNSET;
  FAILS(CAIRN_MALFORMED, cairn_table_from_json("MetadataReport", 14, deep, size, &out, E));
  CHECK(out == NULL);
  free(deep);
}

static void json_above_64_mib_is_too_large(void) {
  size_t size = ((size_t)64 << 20) + 100;
  char* json = malloc(size);
  REQUIRE(json != NULL);
  memset(json, 'x', size);
  json[0] = json[size - 1] = '"';
  cairn_buffer* out = UNSET;
  FAILS(CAIRN_TOO_LARGE, cairn_value_from_json(json, size, &out, E));
  CHECK(out == NULL);
  memcpy(json, "[{\"id\":1,\"t\":\"", 14);
  memcpy(json + size - 3, "\"}]", 3);
  out = UNSET;
  FAILS(CAIRN_TOO_LARGE, cairn_batch_from_json(json, size, "id", 2, &out, E));
  CHECK(out == NULL);
  free(json);
}

static void bytes_that_are_no_value_are_malformed(void) {
  static const uint8_t unknown_tag[] = {0x7F};
  static const uint8_t cut_off[] = {0x85, 'a', 'b'};
  static const uint8_t too_long[] = {0x20, 0x20};
  static const uint8_t undefined[] = {0x03};
  static const uint8_t huge_size[] = {0x11, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F};
  static const uint8_t huge_count[] = {0x14, 0x05, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F};
  static const uint8_t bad_text[] = {0x13, 0x02, 0xC3, 0x28};
  static const uint8_t stored_shape[] = {0x15, 0x01, 0x01};
  static const bytes all[] = {{unknown_tag, 1}, {cut_off, 3},    {too_long, 2}, {undefined, 1},
                              {huge_size, 10},  {huge_count, 7}, {bad_text, 4}, {stored_shape, 3}};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    bytes odd = misaligned(all[i]);
    cairn_buffer* out = UNSET;
    FAILS(CAIRN_MALFORMED, cairn_value_to_json(odd.data, odd.size, &out, E));
    CHECK(out == NULL);
  }
  cairn_buffer* out = UNSET;
  FAILS(CAIRN_MALFORMED, cairn_value_to_json(NULL, 0, &out, E));
  CHECK(out == NULL);
}

static void rows_become_a_batch_and_lines(void) {
  static const char* const lines =
      "{\"key\":1,\"value\":{\"id\":1,\"a\":\"x\"}}\n"
      "{\"key\":\"b\",\"value\":{\"id\":\"b\",\"a\":[null,{\"$date\":\"1970-01-01T00:00:00.000Z\"}]"
      "}}\n";
  static const char* const inputs[] = {
      "[{\"id\":1,\"a\":\"x\"},{\"id\":\"b\",\"a\":[null,{\"$date\":0}]}]",
      "{\"id\":1,\"a\":\"x\"}\n{\"id\":\"b\",\"a\":[null,{\"$date\":0}]}\n",
      "\r\n{\"id\":1,\"a\":\"x\"}\r\n\n  {\"id\":\"b\",\"a\":[null,{\"$date\":0}]}"};
  for (size_t i = 0; i < 3; i++) {
    bytes made = misaligned(batch(inputs[i]));
    cairn_buffer* out = UNSET;
    WORKS(cairn_batch_to_json(made.data, made.size, &out, E));
    CHECK_TEXT(text_of(out), lines);
  }
}

static void an_empty_batch_has_no_lines(void) {
  bytes made = batch("[]");
  cairn_buffer* out = UNSET;
  WORKS(cairn_batch_to_json(made.data, made.size, &out, E));
  CHECK_TEXT(text_of(out), "");
}

static void fail_batch(cairn_status status, const char* json, const char* field) {
  cairn_buffer* out = UNSET;
  FAILS(status, cairn_batch_from_json(json, strlen(json), field, strlen(field), &out, E));
  CHECK(out == NULL);
}

static void rows_without_a_key_are_refused(void) {
  fail_batch(CAIRN_INVALID_VALUE, "[1]", "id");
  fail_batch(CAIRN_INVALID_VALUE, "[[]]", "id");
  fail_batch(CAIRN_INVALID_VALUE, "[{\"a\":1}]", "id");
  fail_batch(CAIRN_INVALID_VALUE, "[{\"id\":null}]", "id");
  fail_batch(CAIRN_INVALID_VALUE, "[{\"id\":[1]}]", "id");
  fail_batch(CAIRN_INVALID_VALUE, "[{\"id\":{\"$number\":\"NaN\"}}]", "id");
  fail_batch(CAIRN_INVALID_VALUE, "[{\"id\":1}]", "");
  fail_batch(CAIRN_MALFORMED, "[{\"id\":1}", "id");
  fail_batch(CAIRN_MALFORMED, "[{\"id\":1}]]", "id");
}

static void batches_that_are_none_are_malformed(void) {
  bytes good = batch("[{\"id\":1,\"a\":\"x\"}]");
  cairn_buffer* out = UNSET;
  FAILS(CAIRN_MALFORMED, cairn_batch_to_json(good.data, 3, &out, E));
  CHECK(out == NULL);
  out = UNSET;
  FAILS(CAIRN_MALFORMED, cairn_batch_to_json(NULL, 0, &out, E));
  CHECK(out == NULL);
  bytes large = zeros(((size_t)64 << 20) + 1);
  out = UNSET;
  FAILS(CAIRN_TOO_LARGE, cairn_batch_to_json(large.data, large.size, &out, E));
  CHECK(out == NULL);
}

/* A table from JSON and back to JSON, and that once more. */
static void table_round_trip(const char* name, const char* json, const char* expected) {
  bytes made = misaligned(table(name, json));
  cairn_buffer* out = UNSET;
  WORKS(cairn_table_to_json(name, strlen(name), made.data, made.size, &out, E));
  const char* text = text_of(out);
  CHECK(strstr(text, expected) != NULL || !CHECK_TEXT(text, expected));
  made = table(name, text);
  out = UNSET;
  WORKS(cairn_table_to_json(name, strlen(name), made.data, made.size, &out, E));
  CHECK_TEXT(text_of(out), text);
}

static void tables_go_there_and_back(void) {
  table_round_trip("DatabaseOptions", "{read_only: true, busy_timeout_ms: 7}",
                   "\"busy_timeout_ms\":7");
  table_round_trip("CheckOptions", "{collection: \"c\", max_problems: 3}", "\"collection\":\"c\"");
  table_round_trip("CollectionOptions", "{schema_version: 5, local: true}", "\"schema_version\":5");
  table_round_trip("LoadRequest", "{subset: {keys: [1, \"a\"], limit: 3}}", "\"keys\":[1,\"a\"]");
  table_round_trip("DeltaRequest", "{since: 9, versions: true}", "\"since\":9");
  table_round_trip("TransactionOptions",
                   "{metadata: [{key: \"k\", value: {\"$bigint\": \"7\"}}, {key: \"gone\"}]}",
                   "{\"$bigint\":\"7\"}");
  table_round_trip("CommitResult", "{outcome: \"Repeated\", inserted_keys: [1]}", "Repeated");
  table_round_trip("CollectionInfo", "{name: \"c\", position: {term: 3}}", "\"term\":3");
  table_round_trip("DatabaseInfo", "{collections: [{name: \"c\"}]}", "\"c\"");
  table_round_trip("MetadataReport", "{entries: [{key: \"k\", value: null}]}", "\"k\"");
  table_round_trip("CursorHead", "{reload: true}", "\"reload\":true");
  table_round_trip("CheckReport", "{problems: [{message: \"m\", key: \"k\"}]}", "\"m\"");
  table_round_trip("DigestReport", "{digest: \"d\"}", "\"d\"");
  table_round_trip("Subset", "{offset: 4}", "\"offset\":4");
}

static void events_and_effects_go_there_and_back(void) {
  table_round_trip("ReplicaOptions", "{mode: \"OnDemand\"}", "OnDemand");
  table_round_trip("ReplicaEvent",
                   "{kind: \"LoadSubset\", number: 3, now_ms: -5, status: 7,"
                   " subset: {where: {nodes: [{value: 1}]}, limit: 2}}",
                   "\"subset\":{\"where\":{\"nodes\":[{\"value\":1}]},\"limit\":2}");
  table_round_trip("ReplicaEvent", "{kind: \"Tick\", now_ms: 9007199254740993}",
                   "\"now_ms\":9007199254740993");
  table_round_trip("ReplicaEvent", "{now_ms: -9007199254740991}", "\"now_ms\":-9007199254740991");
  table_round_trip("ReplicaEvent", "{batch: {\"$bytes\": \"AAEC\"}, mutation_ids: [\"m\"]}",
                   "\"batch\":{\"$bytes\":\"AAEC\"}");
  table_round_trip("ReplicaEvent",
                   "{batch: [{key: 1, value: {\"a\": {\"$date\": 5}}}, {key: \"x\", op: \"update\","
                   " value: {\"b\": {\"$undefined\": true}}, version: 7}, {key: 2, op: \"delete\"},"
                   " {key: 3, op: \"touch\", metadata: [\"\\n\"]}, {key: 4, op: \"touch\","
                   " metadata: {\"$undefined\": true}}]}",
                   "{\"key\":\"x\",\"op\":\"update\",\"value\":{\"b\":{\"$undefined\":true}},"
                   "\"version\":7},{\"key\":2,\"op\":\"delete\"},"
                   "{\"key\":3,\"op\":\"touch\",\"metadata\":[\"\\n\"]},"
                   "{\"key\":4,\"op\":\"touch\",\"metadata\":{\"$undefined\":true}}]");
  table_round_trip("ReplicaEvent", "{batch: []}", "{\"batch\":[]}");
  table_round_trip("ReplicaEffect", "{kind: \"Error\", status: -1, message: \"m\"}",
                   "\"status\":-1,\"message\":\"m\"");
  table_round_trip("CoordinatorOptions", "{kind: \"Single\", node: \"n\"}", "Single");
  table_round_trip("CoordinatorAction", "{kind: \"Send\", message: {\"$bytes\": \"\"}}",
                   "{\"$bytes\":\"\"}");
  table_round_trip("CoordinatorEvent", "{kind: \"Gone\", node: \"n\"}", "Gone");
  table_round_trip("Message", "{version: 1, sender: \"s\"}", "\"sender\":\"s\"");
  table_round_trip("MutationSet", "{mutation_ids: [\"m\"]}", "[\"m\"]");
  table_round_trip("MutationResult", "{accepted: [\"m\"]}", "[\"m\"]");
  table_round_trip("DeltaReply", "{batches: [{bytes: {\"$bytes\": \"AA==\"}}]}", "AA==");
}

static void fields_of_events_that_do_not_fit_are_errors(void) {
  static const char* const wrong[] = {
      "{\"now_ms\": 9223372036854775808}",
      "{\"now_ms\": 1.5}",
      "{\"now_ms\": \"1\"}",
      "{\"status\": 2147483648}",
      "{\"status\": -2147483649}",
      "{\"batch\": [1]}",
      "{\"batch\": [{\"key\": null, \"value\": {}}]}",
      "{\"batch\": [{\"key\": 1}]}",
      "{\"batch\": [{\"key\": 1, \"op\": \"delete\", \"value\": {}}]}",
      "{\"batch\": [{\"key\": 1, \"op\": \"drop\", \"value\": {}}]}",
      "{\"batch\": \"AA==\"}",
      "{\"subset\": [1]}",
      "{\"subset\": {\"a\": 1}}"};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    cairn_buffer* out = UNSET;
    FAILS(CAIRN_MALFORMED,
          cairn_table_from_json("ReplicaEvent", 12, wrong[i], strlen(wrong[i]), &out, E));
    CHECK(out == NULL);
  }
}

static void a_name_that_stands_twice_has_its_last_value_in_its_first_place(void) {
  table_round_trip("LoadRequest", "{subset: {keys: [\"x\"]}, batch_rows: 7, subset: {offset: 4}}",
                   "{\"subset\":{\"offset\":4},\"batch_rows\":7}");
  table_round_trip(
      "MetadataReport",
      "{entries: [{key: \"k\", value: {\"b\": 1, \"a\": 2, \"b\": 3, \"c\": 4, \"a\": [5]}}]}",
      "{\"b\":3,\"a\":[5],\"c\":4}");
}

/* Looking back at every name for each would take minutes. */
static void an_object_of_a_table_may_have_many_names(void) {
  enum { kNames = 65535, kEach = 16 };
  char* json = malloc(kEach * (kNames + 1) + 100);
  REQUIRE(json != NULL);
  for (int names = kNames; names <= kNames + 1; names++) {
    size_t size = (size_t)sprintf(json, "{\"entries\":[{\"key\":\"k\",\"value\":{");
    for (int i = 0; i < names; i++)
      size += (size_t)sprintf(json + size, "%s\"%d\":1", i == 0 ? "" : ",", i);
    strcpy(json + size, "}}]}");
    cairn_buffer* out = UNSET;
    cairn_status status =
        cairn_table_from_json("MetadataReport", 14, json, strlen(json), &out, NULL);
    CHECK((status == CAIRN_OK) == (names == kNames));
    CHECK((out != NULL) == (names == kNames));
    cairn_buffer_free(out);
  }
  free(json);
}

static void a_table_is_one_line(void) {
  bytes made = table("DatabaseOptions", "{\n  read_only: true,\n  busy_timeout_ms: 7\n}");
  cairn_buffer* out = UNSET;
  WORKS(cairn_table_to_json("DatabaseOptions", 15, made.data, made.size, &out, E));
  CHECK(strchr(text_of(out), '\n') == NULL);
}

static void unknown_tables_and_fields_are_errors(void) {
  bytes made = table("CollectionOptions", "{}");
  cairn_buffer* out = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_table_from_json("NoSuch", 6, "{}", 2, &out, E));
  CHECK(out == NULL);
  out = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_table_to_json("NoSuch", 6, made.data, made.size, &out, E));
  CHECK(out == NULL);
  out = UNSET;
  FAILS(CAIRN_MALFORMED, cairn_table_from_json("CollectionOptions", 17, "{a: 1}", 6, &out, E));
  CHECK(out == NULL);
  out = UNSET;
  FAILS(CAIRN_MALFORMED, cairn_table_from_json("CollectionOptions", 17, "{", 1, &out, E));
  CHECK(out == NULL);
  out = UNSET;
  FAILS(CAIRN_MALFORMED, cairn_table_to_json("CollectionOptions", 17, made.data, 3, &out, E));
  CHECK(out == NULL);
}

static void a_value_in_a_table_nests_as_deep_as_one_may(void) {
  enum { kDeepest = 127, kFarTooDeep = 1000000 };
  char* json = malloc(2 * kFarTooDeep + 20);
  REQUIRE(json != NULL);
  int depths[] = {kDeepest, kFarTooDeep};
  for (int i = 0; i < 2; i++) {
    size_t depth = (size_t)depths[i], size = 0;
    memcpy(json, "{\"keys\": ", 9);
    size = 9;
    memset(json + size, '[', depth);
    memset(json + size + depth, ']', depth);
    size += 2 * depth;
    json[size++] = '}';
    cairn_buffer* out = UNSET;
    GIVES(i == 0 ? CAIRN_OK : CAIRN_MALFORMED,
          cairn_table_from_json("Subset", 6, json, size, &out, E));
    cairn_buffer_free(out);
  }
  free(json);
}

static void no_pointers_are_invalid(void) {
  cairn_buffer* out = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_value_from_json(NULL, 4, &out, E));
  CHECK(out == NULL);
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_value_from_json("1", 1, NULL, E));
  out = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_value_to_json(NULL, 4, &out, E));
  CHECK(out == NULL);
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_value_to_json((const uint8_t*)"\x20", 1, NULL, E));
  out = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_batch_from_json(NULL, 4, "id", 2, &out, E));
  CHECK(out == NULL);
  out = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_batch_from_json("[]", 2, NULL, 2, &out, E));
  CHECK(out == NULL);
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_batch_from_json("[]", 2, "id", 2, NULL, E));
  out = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_batch_to_json(NULL, 4, &out, E));
  CHECK(out == NULL);
  bytes made = batch("[]");
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_batch_to_json(made.data, made.size, NULL, E));
  out = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_table_from_json(NULL, 4, "{}", 2, &out, E));
  CHECK(out == NULL);
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_table_from_json("Subset", 6, "{}", 2, NULL, E));
  made = table("Subset", "{}");
  out = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_table_to_json("Subset", 6, NULL, 8, &out, E));
  CHECK(out == NULL);
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_table_to_json("Subset", 6, made.data, made.size, NULL, E));
}

int main(void) {
  static const test tests[] = {
      TEST(values_go_there_and_back),
      TEST(dates_are_texts_or_milliseconds),
      TEST(json_that_is_wrong_is_malformed),
      TEST(a_json_error_says_where),
      TEST(a_value_that_cannot_be_one_is_refused),
      TEST(json_nested_without_end_does_no_harm),
      TEST(a_table_nested_without_end_does_no_harm),
      TEST(json_above_64_mib_is_too_large),
      TEST(bytes_that_are_no_value_are_malformed),
      TEST(rows_become_a_batch_and_lines),
      TEST(an_empty_batch_has_no_lines),
      TEST(rows_without_a_key_are_refused),
      TEST(batches_that_are_none_are_malformed),
      TEST(tables_go_there_and_back),
      TEST(events_and_effects_go_there_and_back),
      TEST(fields_of_events_that_do_not_fit_are_errors),
      TEST(a_name_that_stands_twice_has_its_last_value_in_its_first_place),
      TEST(an_object_of_a_table_may_have_many_names),
      TEST(a_table_is_one_line),
      TEST(unknown_tables_and_fields_are_errors),
      TEST(a_value_in_a_table_nests_as_deep_as_one_may),
      TEST(no_pointers_are_invalid),
  };
  return RUN_TESTS(tests);
}
