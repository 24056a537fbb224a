/* Keeps a few cities on disk, and reads them back: the example in C of the README. */
#include <cairn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Ends the program with the error's message where a call failed. */
static void check(cairn_status status, cairn_error* error) {
  if (status < 100) return;
  fprintf(stderr, "%s: %s\n", cairn_status_name(status), cairn_error_message(error));
  exit(1);
}

int main(int count, char** arguments) {
  const char* path = count > 1 ? arguments[1] : "cities.cairn";
  cairn_error* error = NULL;
  cairn_database* database;
  cairn_collection* cities;
  check(cairn_database_open(path, strlen(path), NULL, 0, &database, &error), error);
  check(cairn_collection_open(database, "cities", 6, NULL, 0, &cities, &error), error);

  /* Many rows: a transaction with a batch from JSON, whole or not at all. */
  const char* rows =
      "[{\"id\": 1, \"name\": \"Bergen\", \"people\": 291189},"
      " {\"id\": 2, \"name\": \"Lyon\", \"people\": 522250}]";
  cairn_buffer *batch, *result;
  cairn_transaction* transaction;
  check(cairn_batch_from_json(rows, strlen(rows), "id", 2, &batch, &error), error);
  check(cairn_transaction_begin(cities, NULL, 0, &transaction, &error), error);
  check(cairn_transaction_add(transaction, cairn_buffer_data(batch), cairn_buffer_size(batch),
                              &error),
        error);
  check(cairn_transaction_commit(transaction, &result, &error), error);
  cairn_transaction_close(transaction);
  cairn_buffer_free(result);
  cairn_buffer_free(batch);

  /* One row: its key and its value are portable values. */
  const char* row = "{\"id\": 3, \"name\": \"Graz\", \"people\": 298479}";
  cairn_buffer *key, *value, *found, *text;
  check(cairn_value_from_json("3", 1, &key, &error), error);
  check(cairn_value_from_json(row, strlen(row), &value, &error), error);
  check(cairn_collection_put(cities, cairn_buffer_data(key), cairn_buffer_size(key),
                             cairn_buffer_data(value), cairn_buffer_size(value), NULL, &error),
        error);
  check(
      cairn_collection_get(cities, cairn_buffer_data(key), cairn_buffer_size(key), &found, &error),
      error);
  check(cairn_value_to_json(cairn_buffer_data(found), cairn_buffer_size(found), &text, &error),
        error);
  printf("%.*s\n", (int)cairn_buffer_size(text), (const char*)cairn_buffer_data(text));
  cairn_buffer_free(text);
  cairn_buffer_free(found);
  cairn_buffer_free(value);
  cairn_buffer_free(key);

  /* Rows in batches of bounded size: the largest cities first, of those above a size. */
  const char* query =
      "{\"subset\": {"
      "  \"where\": {\"nodes\": [{\"kind\": \"Reference\", \"path\": [\"people\"]},"
      "                       {\"kind\": \"Value\", \"value\": 295000},"
      "                       {\"kind\": \"Call\", \"function\": \"gt\", \"arguments\": [0, 1]}]},"
      "  \"order_by\": [{\"expression\": {\"nodes\": [{\"kind\": \"Reference\", \"path\": "
      "[\"people\"]}]},"
      "                \"direction\": \"Descending\"}],"
      "  \"limit\": 10}}";
  cairn_buffer *request, *part;
  cairn_cursor* cursor;
  cairn_status status;
  check(cairn_table_from_json("LoadRequest", 11, query, strlen(query), &request, &error), error);
  check(cairn_collection_load(cities, cairn_buffer_data(request), cairn_buffer_size(request),
                              &cursor, &error),
        error);
  cairn_buffer_free(request);
  while ((status = cairn_cursor_next(cursor, &part, &error)) == CAIRN_OK) {
    check(cairn_batch_to_json(cairn_buffer_data(part), cairn_buffer_size(part), &text, &error),
          error);
    printf("%.*s", (int)cairn_buffer_size(text), (const char*)cairn_buffer_data(text));
    cairn_buffer_free(text);
    cairn_buffer_free(part);
  }
  check(status, error);
  cairn_cursor_close(cursor);

  cairn_collection_close(cities);
  cairn_database_close(database);
  return 0;
}
