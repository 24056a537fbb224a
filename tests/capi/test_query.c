/* Queries: predicates, orders, pages, questions of the host, and what is refused. */
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"

/* x > 1 */
#define ABOVE_1                                            \
  "where: {nodes: [{kind: \"Reference\", path: [\"x\"]}, " \
  "{kind: \"Value\", value: 1}, {kind: \"Call\", function: \"gt\", arguments: [0, 1]}]}"
#define BY(name, more) \
  "order_by: [{expression: {nodes: [{kind: \"Reference\", path: [\"" name "\"]}]}" more "}]"

typedef struct opened {
  cairn_database* database;
  cairn_collection* collection;
} opened;

static opened open_with(const char* const* rows) {
  opened all;
  char key[16];
  all.database = open_memory();
  all.collection = open_collection(all.database, "c", "{}");
  for (int i = 0; rows[i] != NULL; i++) {
    snprintf(key, sizeof key, "%d", i + 1);
    put_row(all.collection, key, rows[i]);
  }
  return all;
}

static void close_all(opened all) {
  cairn_collection_close(all.collection);
  cairn_database_close(all.database);
}

static cairn_cursor* load(opened all, const char* request) {
  bytes made = misaligned(table("LoadRequest", request));
  cairn_cursor* cursor = UNSET;
  WORKS(cairn_collection_load(all.collection, made.data, made.size, &cursor, E));
  return cursor;
}

/* All rows as lines; no question comes. */
static const char* lines_of(cairn_cursor* cursor) {
  static char lines[4096];
  lines[0] = 0;
  for (;;) {
    cairn_buffer* out = UNSET;
    cairn_status status = cairn_cursor_next(cursor, &out, NULL);
    if (status != CAIRN_OK) {
      CHECK(status == CAIRN_DONE);
      break;
    }
    bytes rows = bytes_of(out);
    cairn_buffer* text = UNSET;
    WORKS(cairn_batch_to_json(rows.data, rows.size, &text, E));
    strncat(lines, text_of(text), sizeof lines - strlen(lines) - 1);
  }
  cairn_cursor_close(cursor);
  return lines;
}

static const char* question_of(cairn_cursor* cursor) {
  cairn_buffer* out = UNSET;
  GIVES(CAIRN_QUESTION, cairn_cursor_next(cursor, &out, E));
  return table_text("Question", out);
}

static void answer(cairn_cursor* cursor, const char* json) {
  bytes made = misaligned(table("Answer", json));
  WORKS(cairn_cursor_answer(cursor, made.data, made.size, E));
}

static const char* const kNumbers[] = {"{\"x\": 3}", "{\"x\": 1}", "{\"y\": 0}", "{\"x\": 2}",
                                       NULL};

static void a_predicate_and_an_order_select_and_sort(void) {
  opened all = open_with(kNumbers);
  CHECK_TEXT(lines_of(load(all, "{subset: {" ABOVE_1 "}}")),
             "{\"key\":1,\"value\":{\"x\":3}}\n{\"key\":4,\"value\":{\"x\":2}}\n");
  CHECK_TEXT(lines_of(load(all, "{subset: {" BY("x", ", nulls: \"Last\"") ", limit: 2}}")),
             "{\"key\":2,\"value\":{\"x\":1}}\n{\"key\":4,\"value\":{\"x\":2}}\n");
  CHECK_TEXT(lines_of(load(all, "{subset: {" BY("x", "") ", cursor: {values: [2], key: 4}}}")),
             "{\"key\":1,\"value\":{\"x\":3}}\n");
  CHECK_TEXT(lines_of(load(all, "{subset: {" ABOVE_1 "}, keys_only: true}")),
             "{\"key\":1,\"value\":{}}\n{\"key\":4,\"value\":{}}\n");
  CHECK_TEXT(lines_of(load(all, "{fields: [\"y\"], subset: {keys: [3, 4]}}")),
             "{\"key\":3,\"value\":{\"y\":0}}\n{\"key\":4,\"value\":{}}\n");
  close_all(all);
}

static void an_explanation_says_what_was_read(void) {
  opened all = open_with(kNumbers);
  cairn_cursor* cursor = load(all, "{subset: {" ABOVE_1 ", " BY("x", "") ", limit: 1}}");
  cairn_buffer* out = UNSET;
  WORKS(cairn_cursor_next(cursor, &out, E));
  cairn_buffer_free(out);
  out = UNSET;
  GIVES(CAIRN_DONE, cairn_cursor_next(cursor, &out, E));
  out = UNSET;
  WORKS(cairn_cursor_explain(cursor, &out, E));
  const char* text = table_text("Explanation", out);
  CHECK(strstr(text, "\"access\":\"Scan\"") != NULL);
  CHECK(strstr(text, "\"sorting\":\"Top\"") != NULL);
  CHECK(strstr(text, "\"rows_read\":4") != NULL);
  CHECK(strstr(text, "\"rows_matched\":2") != NULL);
  CHECK(strstr(text, "\"rows_decoded\":1") != NULL);
  CHECK(strstr(text, "lexical order") != NULL);
  cairn_cursor_close(cursor);
  close_all(all);
}

static void texts_are_ranked_by_the_host(void) {
  static const char* const kTexts[] = {"{\"t\": \"b\"}", "{\"t\": \"C\"}", "{\"t\": \"a\"}",
                                       "{\"t\": 5}", NULL};
  opened all = open_with(kTexts);
  cairn_cursor* cursor =
      load(all, "{host: true, subset: {" BY("t", ", string_sort: \"Locale\", locale: \"de\"") "}}");
  const char* question = question_of(cursor);
  CHECK(strstr(question, "\"kind\":\"Rank\"") != NULL);
  CHECK(strstr(question, "\"values\":[\"C\",\"a\",\"b\"]") != NULL);
  CHECK(strstr(question, "\"locale\":\"de\"") != NULL);
  answer(cursor, "{values: [3, 1, 2]}");
  CHECK_TEXT(lines_of(cursor),
             "{\"key\":4,\"value\":{\"t\":5}}\n{\"key\":3,\"value\":{\"t\":\"a\"}}\n"
             "{\"key\":1,\"value\":{\"t\":\"b\"}}\n{\"key\":2,\"value\":{\"t\":\"C\"}}\n");
  CHECK_TEXT(lines_of(load(all, "{subset: {" BY("t", ", string_sort: \"Locale\"") "}}")),
             "{\"key\":4,\"value\":{\"t\":5}}\n{\"key\":2,\"value\":{\"t\":\"C\"}}\n"
             "{\"key\":3,\"value\":{\"t\":\"a\"}}\n{\"key\":1,\"value\":{\"t\":\"b\"}}\n");
  close_all(all);
}

static void dates_are_parsed_and_written_by_the_host(void) {
  static const char* const kDates[] = {"{\"d\": \"Nov 3 2025\"}", "{\"d\": \"2025-11-03\"}",
                                       "{\"d\": \"never\"}", NULL};
  opened all = open_with(kDates);
  const char* by_day =
      "{host: true, subset: {where: {nodes: [{kind: \"Reference\", path: [\"d\"]}, "
      "{kind: \"Call\", function: \"date\", arguments: [0]}, {kind: \"Value\", value: "
      "\"2025-11-03\"}, {kind: \"Call\", function: \"eq\", arguments: [1, 2]}]}}}";
  cairn_cursor* cursor = load(all, by_day);
  const char* question = question_of(cursor);
  CHECK(strstr(question, "\"kind\":\"ParseDate\"") != NULL);
  CHECK(strstr(question, "[\"never\",\"Nov 3 2025\"]") != NULL);
  answer(cursor, "{values: [{\"$number\": \"NaN\"}, 1762128000000]}");
  CHECK_TEXT(lines_of(cursor),
             "{\"key\":1,\"value\":{\"d\":\"Nov 3 2025\"}}\n"
             "{\"key\":2,\"value\":{\"d\":\"2025-11-03\"}}\n");
  const char* by_text =
      "{host: true, subset: {where: {nodes: [{kind: \"Value\", value: {\"$date\": "
      "\"1970-01-01T00:00:00.000Z\"}}, {kind: \"Call\", function: \"concat\", arguments: [0]}, "
      "{kind: \"Value\", value: \"then\"}, {kind: \"Call\", function: \"eq\", arguments: [1, "
      "2]}]}, "
      "limit: 1}}";
  cursor = load(all, by_text);
  CHECK(strstr(question_of(cursor), "\"kind\":\"DateText\"") != NULL);
  answer(cursor, "{values: [\"then\"]}");
  CHECK_TEXT(lines_of(cursor), "{\"key\":1,\"value\":{\"d\":\"Nov 3 2025\"}}\n");
  close_all(all);
}

static void answers_that_do_not_fit_are_refused(void) {
  static const char* const kTexts[] = {"{\"t\": \"b\"}", "{\"t\": \"a\"}", NULL};
  opened all = open_with(kTexts);
  bytes good = table("Answer", "{values: [1, 2]}"), few = table("Answer", "{values: [1]}"),
        texts = table("Answer", "{values: [\"x\", \"y\"]}"), none = table("Answer", "{}"),
        number = table("Answer", "{values: 5}");
  cairn_cursor* cursor =
      load(all, "{host: true, subset: {" BY("t", ", string_sort: \"Locale\"") "}}");
  FAILS(CAIRN_WRONG_STATE, cairn_cursor_answer(cursor, good.data, good.size, E));
  question_of(cursor);
  FAILS(CAIRN_INVALID_VALUE, cairn_cursor_answer(cursor, few.data, few.size, E));
  FAILS(CAIRN_INVALID_VALUE, cairn_cursor_answer(cursor, texts.data, texts.size, E));
  FAILS(CAIRN_MALFORMED, cairn_cursor_answer(cursor, none.data, none.size, E));
  FAILS(CAIRN_MALFORMED, cairn_cursor_answer(cursor, number.data, number.size, E));
  FAILS(CAIRN_MALFORMED, cairn_cursor_answer(cursor, NULL, 0, E));
  FAILS(CAIRN_MALFORMED, cairn_cursor_answer(cursor, good.data, 3, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_cursor_answer(NULL, good.data, good.size, E));
  WORKS(cairn_cursor_answer(cursor, good.data, good.size, E));
  FAILS(CAIRN_WRONG_STATE, cairn_cursor_answer(cursor, good.data, good.size, E));
  CHECK_TEXT(lines_of(cursor),
             "{\"key\":2,\"value\":{\"t\":\"a\"}}\n{\"key\":1,\"value\":{\"t\":\"b\"}}\n");
  cairn_buffer* out = UNSET;
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_cursor_explain(NULL, &out, E));
  CHECK(out == NULL);
  WORKS(cairn_collection_delta(all.collection, NULL, 0, &cursor, E));
  FAILS(CAIRN_WRONG_STATE, cairn_cursor_answer(cursor, good.data, good.size, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_cursor_explain(cursor, NULL, E));
  out = UNSET;
  WORKS(cairn_cursor_explain(cursor, &out, E));
  cairn_buffer_free(out);
  cairn_cursor_close(cursor);
  close_all(all);
}

static void refuse(opened all, cairn_status status, const char* request) {
  bytes made = table("LoadRequest", request);
  cairn_cursor* cursor = UNSET;
  FAILS(status, cairn_collection_load(all.collection, made.data, made.size, &cursor, E));
  CHECK(cursor == NULL);
}

static void what_is_no_query_is_refused(void) {
  opened all = open_with(kNumbers);
  refuse(all, CAIRN_MALFORMED, "{subset: {where: {nodes: []}}}");
  refuse(all, CAIRN_MALFORMED, "{subset: {where: {nodes: [{kind: \"Value\"}]}}}");
  refuse(all, CAIRN_MALFORMED, "{subset: {where: {nodes: [{kind: \"Reference\"}]}}}");
  refuse(all, CAIRN_MALFORMED,
         "{subset: {where: {nodes: [{kind: \"Call\", function: \"not\", arguments: [0]}]}}}");
  refuse(all, CAIRN_MALFORMED,
         "{subset: {where: {nodes: [{kind: \"Call\", function: \"not\", arguments: [7]}]}}}");
  refuse(all, CAIRN_INVALID_ARGUMENT,
         "{subset: {where: {nodes: [{kind: \"Call\", function: \"nonsense\"}]}}}");
  refuse(all, CAIRN_INVALID_ARGUMENT,
         "{subset: {where: {nodes: [{kind: \"Call\", function: \"eq\"}]}}}");
  refuse(all, CAIRN_INVALID_ARGUMENT,
         "{subset: {where: {nodes: [{kind: \"Reference\", path: []}]}}}");
  refuse(all, CAIRN_INVALID_ARGUMENT, "{subset: {cursor: {values: [1]}}}");
  refuse(all, CAIRN_INVALID_ARGUMENT, "{subset: {" BY("x", "") ", cursor: {values: [1, 2]}}}");
  refuse(all, CAIRN_MALFORMED, "{subset: {" BY("x", "") ", cursor: {key: 1}}}");
  refuse(all, CAIRN_MALFORMED, "{subset: {order_by: [{}]}}");
  refuse(all, CAIRN_MALFORMED, "{fields: [1]}");
  close_all(all);
}

/* not(not(...)) of one constant. */
static char* nested(int depth) {
  char* json = malloc((size_t)depth * 64 + 200);
  if (json == NULL) return NULL;
  size_t size = (size_t)sprintf(json, "{subset: {where: {nodes: [{kind: \"Value\", value: true}");
  for (int i = 0; i + 1 < depth; i++)
    size +=
        (size_t)sprintf(json + size, ",{kind: \"Call\", function: \"not\", arguments: [%d]}", i);
  strcpy(json + size, "]}}}");
  return json;
}

static void expressions_are_bounded(void) {
  enum { kDeepest = 256, kFarTooDeep = 60000 };
  opened all = open_with(kNumbers);
  char* fits = nested(kDeepest - 1);
  char* deep = nested(kDeepest + 1);
  char* far = nested(kFarTooDeep);
  REQUIRE(fits != NULL && deep != NULL && far != NULL);
  CHECK(strlen(lines_of(load(all, fits))) > 50);
  refuse(all, CAIRN_TOO_LARGE, deep);
  refuse(all, CAIRN_TOO_LARGE, far);
  free(fits);
  free(deep);
  free(far);
  /* Every node twice: a tree of 2^40 parts in 41 nodes. */
  char json[4096];
  size_t size = (size_t)sprintf(json, "{subset: {where: {nodes: [{kind: \"Value\", value: true}");
  for (int i = 0; i < 40; i++)
    size += (size_t)sprintf(json + size,
                            ",{kind: \"Call\", function: \"and\", arguments: [%d, %d]}", i, i);
  strcpy(json + size, "]}}}");
  refuse(all, CAIRN_TOO_LARGE, json);
  close_all(all);
}

static void a_list_may_have_a_hundred_thousand_values(void) {
  enum { kValues = 100000 };
  opened all = open_with(kNumbers);
  char* json = malloc(kValues * 8 + 300);
  REQUIRE(json != NULL);
  size_t size = (size_t)sprintf(json,
                                "{subset: {where: {nodes: [{kind: \"Reference\", path: [\"x\"]}, "
                                "{kind: \"Value\", value: [2");
  for (int i = 3; i < kValues; i++) size += (size_t)sprintf(json + size, ",%d", i);
  strcpy(json + size, "]}, {kind: \"Call\", function: \"in\", arguments: [0, 1]}]}}}");
  CHECK_TEXT(lines_of(load(all, json)),
             "{\"key\":1,\"value\":{\"x\":3}}\n{\"key\":4,\"value\":{\"x\":2}}\n");
  free(json);
  close_all(all);
}

static void where_javascript_throws_the_query_fails(void) {
  opened all = open_with(kNumbers);
  const char* sum =
      "{subset: {where: {nodes: [{kind: \"Reference\", path: [\"x\"]}, {kind: \"Value\", value: "
      "{\"$bigint\": \"1\"}}, {kind: \"Call\", function: \"add\", arguments: [0, 1]}]}}}";
  cairn_cursor* cursor = load(all, sum);
  cairn_buffer* out = UNSET;
  cairn_error* error = UNSET;
  CHECK(cairn_cursor_next(cursor, &out, &error) == CAIRN_INVALID_VALUE);
  CHECK(out == NULL && strstr(cairn_error_message(error), "key 1") != NULL);
  cairn_error_free(error);
  FAILS(CAIRN_WRONG_STATE, cairn_cursor_next(cursor, &out, E));
  cairn_cursor_close(cursor);
  close_all(all);
}

int main(void) {
  static const test tests[] = {
      TEST(a_predicate_and_an_order_select_and_sort),
      TEST(an_explanation_says_what_was_read),
      TEST(texts_are_ranked_by_the_host),
      TEST(dates_are_parsed_and_written_by_the_host),
      TEST(answers_that_do_not_fit_are_refused),
      TEST(what_is_no_query_is_refused),
      TEST(expressions_are_bounded),
      TEST(a_list_may_have_a_hundred_thousand_values),
      TEST(where_javascript_throws_the_query_fails),
  };
  return RUN_TESTS(tests);
}
