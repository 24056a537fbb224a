/* Indexes: made over rows that are there, kept in step, used, removed, and what is refused. */
#include <stdio.h>

#include "harness.h"

#define OVER_N "expressions: [{nodes: [{kind: \"Reference\", path: [\"n\"]}]}]"

static const char* ensure(cairn_collection* collection, const char* request) {
  bytes made = misaligned(table("IndexRequest", request));
  cairn_buffer* out = UNSET;
  WORKS(cairn_collection_ensure_index(collection, made.data, made.size, &out, E));
  return table_text("IndexInfo", out);
}

static void refuse(cairn_collection* collection, cairn_status status, const char* request) {
  bytes made = table("IndexRequest", request);
  cairn_buffer* out = UNSET;
  FAILS(status, cairn_collection_ensure_index(collection, made.data, made.size, &out, E));
  CHECK(out == NULL);
}

static void put_rows(cairn_collection* collection, int count) {
  char key[16], row[64];
  for (int i = 0; i < count; i++) {
    snprintf(key, sizeof key, "%d", i);
    snprintf(row, sizeof row, "{\"n\": %d, \"o\": {\"t\": \"T%d\"}}", i, i % 7);
    put_row(collection, key, row);
  }
}

/* How a cursor of n = 5 has got its rows. */
static const char* explained(cairn_collection* collection) {
  bytes request =
      table("LoadRequest",
            "{subset: {where: {nodes: [{kind: \"Reference\", path: [\"n\"]}, {kind: "
            "\"Value\", value: 5}, {kind: \"Call\", function: \"eq\", arguments: [0, 1]}]}}}");
  cairn_cursor* cursor = UNSET;
  WORKS(cairn_collection_load(collection, request.data, request.size, &cursor, E));
  cairn_buffer* out = UNSET;
  WORKS(cairn_cursor_next(cursor, &out, E));
  cairn_buffer_free(out);
  out = UNSET;
  WORKS(cairn_cursor_explain(cursor, &out, E));
  cairn_cursor_close(cursor);
  return table_text("Explanation", out);
}

static const char* info_of(cairn_collection* collection) {
  cairn_buffer* out = UNSET;
  WORKS(cairn_collection_info(collection, &out, E));
  return table_text("CollectionInfo", out);
}

static bool is_sound(cairn_database* database) {
  cairn_buffer* out = UNSET;
  WORKS(cairn_database_check(database, NULL, 0, &out, E));
  return strstr(table_text("CheckReport", out), "\"ok\":true") != NULL;
}

static void an_index_is_made_used_and_removed(void) {
  cairn_database* database = open_database("db", "{}");
  cairn_collection* collection = open_collection(database, "c", "{}");
  put_rows(collection, 50);
  CHECK(strstr(explained(collection), "\"access\":\"Scan\"") != NULL);
  const char* made = ensure(collection, "{signature: \"by n\", " OVER_N "}");
  CHECK(strstr(made, "\"ready\":true") != NULL && strstr(made, "\"entries\":50") != NULL);
  CHECK(strstr(made, "\"definition\":\"n\"") != NULL);
  CHECK(strstr(info_of(collection), "\"signature\":\"by n\"") != NULL);
  put_row(collection, "\"more\"", "{\"n\": 5}");
  const char* used = explained(collection);
  CHECK(strstr(used, "\"access\":\"Index\"") != NULL);
  CHECK(strstr(used, "\"indexes\":[\"by n\"]") != NULL);
  CHECK(strstr(used, "\"rows_read\":2") != NULL);
  CHECK(is_sound(database));
  WORKS(cairn_collection_remove_index(collection, "by n", 4, E));
  FAILS(CAIRN_NOT_FOUND, cairn_collection_remove_index(collection, "by n", 4, E));
  CHECK(strstr(explained(collection), "\"access\":\"Scan\"") != NULL);
  CHECK(is_sound(database));
  cairn_collection_close(collection);
  cairn_database_close(database);
}

static void an_index_is_made_in_steps(void) {
  cairn_database* database = open_memory();
  cairn_collection* collection = open_collection(database, "c", "{}");
  put_rows(collection, 50);
  const char* request = "{signature: \"s\", max_rows: 20, " OVER_N "}";
  const char* info = ensure(collection, request);
  CHECK(strstr(info, "\"ready\":false") != NULL && strstr(info, "\"rows_done\":20") != NULL);
  CHECK(strstr(info, "\"rows_total\":50") != NULL);
  CHECK(strstr(explained(collection), "\"access\":\"Scan\"") != NULL);
  put_row(collection, "3", "{\"n\": 5}");
  put_row(collection, "\"new\"", "{\"n\": 5}");
  for (int i = 0; i < 3; i++) info = ensure(collection, request);
  CHECK(strstr(info, "\"ready\":true") != NULL && strstr(info, "\"entries\":51") != NULL);
  CHECK(strstr(explained(collection), "\"rows_read\":3") != NULL);
  CHECK(is_sound(database));
  cairn_collection_close(collection);
  cairn_database_close(database);
}

static void expressions_may_be_texts(void) {
  cairn_database* database = open_memory();
  cairn_collection* collection = open_collection(database, "c", "{}");
  put_rows(collection, 10);
  const char* info = ensure(collection,
                            "{signature: \"path\", expression_texts: [\"json_extract(value, "
                            "'$.o.t')\"]}");
  CHECK(strstr(info, "\"definition\":\"o.t\"") != NULL);
  info =
      ensure(collection,
             "{signature: \"tree\", expression_texts: [\"{\\\"type\\\":\\\"func\\\",\\\"name\\\":"
             "\\\"lower\\\",\\\"args\\\":[{\\\"type\\\":\\\"ref\\\",\\\"path\\\":[\\\"o\\\","
             "\\\"t\\\"]}]}\"], where_text: \"{\\\"type\\\":\\\"func\\\",\\\"name\\\":\\\"gt\\\","
             "\\\"args\\\":[{\\\"type\\\":\\\"ref\\\",\\\"path\\\":[\\\"n\\\"]},{\\\"type\\\":"
             "\\\"val\\\",\\\"value\\\":7}]}\"}");
  CHECK(strstr(info, "lower(o.t) where n > 7") != NULL && strstr(info, "\"entries\":2") != NULL);
  refuse(collection, CAIRN_UNSUPPORTED,
         "{signature: \"s\", expression_texts: [\"lower(json_extract(value, '$.o'))\"]}");
  refuse(collection, CAIRN_UNSUPPORTED,
         "{signature: \"s\", expression_texts: [\"json_extract(value, '$.a'); DROP TABLE x\"]}");
  refuse(collection, CAIRN_MALFORMED, "{signature: \"s\", expression_texts: [\"{\"]}");
  refuse(collection, CAIRN_MALFORMED, "{signature: \"s\", expression_texts: [\"{}\"]}");
  CHECK(is_sound(database));
  cairn_collection_close(collection);
  cairn_database_close(database);
}

static void what_cannot_be_indexed_is_refused(void) {
  cairn_database* database = open_memory();
  cairn_collection* collection = open_collection(database, "c", "{}");
  bytes good = table("IndexRequest", "{signature: \"s\", " OVER_N "}");
  cairn_buffer* out = UNSET;
  refuse(collection, CAIRN_INVALID_ARGUMENT, "{" OVER_N "}");
  refuse(collection, CAIRN_INVALID_ARGUMENT, "{signature: \"s\"}");
  refuse(collection, CAIRN_INVALID_ARGUMENT, "{signature: \"s\", expressions: []}");
  refuse(collection, CAIRN_MALFORMED, "{signature: \"s\", expressions: [{}]}");
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_collection_ensure_index(collection, NULL, 0, &out, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_collection_ensure_index(NULL, good.data, good.size, &out, E));
  FAILS(CAIRN_INVALID_ARGUMENT,
        cairn_collection_ensure_index(collection, good.data, good.size, NULL, E));
  FAILS(CAIRN_MALFORMED, cairn_collection_ensure_index(collection, good.data, 5, &out, E));
  CHECK(out == NULL);
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_collection_remove_index(NULL, "s", 1, E));
  FAILS(CAIRN_INVALID_ARGUMENT, cairn_collection_remove_index(collection, "\xff", 1, E));
  FAILS(CAIRN_NOT_FOUND, cairn_collection_remove_index(collection, "", 0, E));
  WORKS(cairn_collection_drop(database, "c", 1, E));
  FAILS(CAIRN_DROPPED, cairn_collection_ensure_index(collection, good.data, good.size, &out, E));
  FAILS(CAIRN_DROPPED, cairn_collection_remove_index(collection, "s", 1, E));
  cairn_collection_close(collection);
  cairn_database_close(database);
}

int main(void) {
  static const test tests[] = {
      TEST(an_index_is_made_used_and_removed),
      TEST(an_index_is_made_in_steps),
      TEST(expressions_may_be_texts),
      TEST(what_cannot_be_indexed_is_refused),
  };
  return RUN_TESTS(tests);
}
