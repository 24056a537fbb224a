/* The runner of the conformance corpus in strict C; ../RUNNERS.md says what it reads and writes. A
 * call leaves what it gives in `out`, `number` and `error`, and writes further words to `answer`.
 * One thread. */
#include <cairn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REFUSED = -1 }; /* beside the statuses of the library */
enum kind { database, collection, cursor, coordinator, replica };

struct handle {
  struct handle* next;
  enum kind kind;
  void* it;
  char name[64];
};

struct word {
  char* text;
  const void* data; /* what it stands for: bytes, or the batch in `made` */
  size_t size;
  cairn_buffer* made; /* of a value or of rows */
  cairn_view* view;   /* over `made` */
};

static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static struct handle* handles; /* the newest first */
static struct word* words;
static size_t word_count;
static FILE* answer;
static cairn_buffer* out;
static uint64_t number; /* UINT64_MAX: none */
static cairn_error* error;

#define IN(i) words[i].data, words[i].size
#define BUFFER(buffer) cairn_buffer_data(buffer), cairn_buffer_size(buffer)
#define MADE(i) BUFFER(words[i].made)
#define UNDEFINED "{\"$undefined\":true}"

static _Noreturn void die(const char* what, const char* name) {
  fprintf(stderr, "%s %s\n", what, name);
  exit(1);
}

/* The bytes of a word come to stand in place of their base64. */
static void decode(struct word* word) {
  char* bytes = word->text + 1;
  unsigned pending = 0, bits = 0;
  word->data = bytes;
  for (const char* at = bytes; *at != '\0' && *at != '='; at++) {
    pending = pending << 6 | (unsigned)(strchr(digit, *at) - digit);
    bits = (bits + 6) % 8;
    if (bits < 6) bytes[word->size++] = (char)(pending >> bits);
  }
}

static void put_bytes(const uint8_t* data, size_t size) {
  fputs("\t=", answer);
  for (size_t i = 0; i < size; i += 3) {
    unsigned all = 0;
    for (size_t k = i; k < i + 3; k++) all = all << 8 | (k < size ? data[k] : 0);
    for (size_t k = 0; k < 4; k++)
      putc(i + k > size ? '=' : digit[all >> (18 - 6 * k) & 63], answer);
  }
}

typedef cairn_status writer(const uint8_t*, size_t, cairn_buffer**, cairn_error**);

/* A value or rows, which the library writes on a line each; an empty word where there is none. */
static cairn_status put_json(writer* write, const uint8_t* data, size_t size) {
  cairn_buffer* json = NULL;
  cairn_status status = size == 0 ? CAIRN_OK : write(data, size, &json, &error);
  const uint8_t* text = cairn_buffer_data(json);
  putc('\t', answer);
  for (size_t left = cairn_buffer_size(json); left > 0; left--, text++)
    if (left > 1 || *text != '\n') putc(*text == '\n' ? '\x1e' : *text, answer);
  cairn_buffer_free(json);
  return status;
}

/* Makes the key and the value that follow the collection. */
static bool make_values(void) {
  cairn_status status = CAIRN_OK;
  for (struct word* word = words + 2; word < words + word_count && status == CAIRN_OK; word++)
    status = cairn_value_from_json(word->text, strlen(word->text), &word->made, &error);
  return status == CAIRN_OK;
}

/* The batch in a table that was made; none where it has none. */
static void find_batch(const char* table, struct word* word) {
  if (cairn_view_open(table, strlen(table), BUFFER(word->made), &word->view, NULL) == CAIRN_OK)
    cairn_view_vector(word->view, 0, "batch", 5, 1, &word->data, &word->size, NULL);
}

static void release(struct word* word) {
  cairn_view_close(word->view);
  cairn_buffer_free(word->made);
}

/* A value with undefined fields behind its own: pairs of $object where it would be a single field,
 * which could not have any name. */
static void put_fields(FILE* json, const char* fields, const char* undefined) {
  if (strcmp(fields, "{}") == 0) fields = "{\"$object\":[]}";
  bool pairs = strncmp(fields, "{\"$object\":", 11) == 0;
  int size = (int)strlen(fields) - (pairs ? 2 : 1), length;
  const char* before = fields[size - 1] == '[' ? "" : ",";
  fprintf(json, "%.*s", size, fields);
  for (const char* name = strchr(undefined, '"'); name != NULL; name = strchr(name + length, '"')) {
    for (length = 1; name[length] != '"'; length++) length += name[length] == '\\';
    fprintf(json, pairs ? "%s[%.*s," UNDEFINED "]" : "%s%.*s:" UNDEFINED, before, ++length, name);
    before = ",";
  }
  fputs(fields + size, json);
}

static void put_row(FILE* json, const char* before, char* row) {
  const char* parts[5]; /* op, key, value, metadata, undefined */
  for (int i = 0; i < 5; i++) parts[i] = strsep(&row, "\x1f");
  fprintf(json, "%s{\"op\":\"%s\",\"key\":%s", before, parts[0], parts[1]);
  if (*parts[2] != '\0') fputs(",\"value\":", json), put_fields(json, parts[2], parts[4]);
  const char* metadata = strcmp(parts[3], "-") == 0 ? UNDEFINED : parts[3];
  fprintf(json, *metadata == '\0' ? "}" : ",\"metadata\":%s}", metadata);
}

/* A batch of rows: that of an event, since the library's JSON has none on its own. */
static bool make_batch(struct word* word) {
  char *json, *at = word->text, *row;
  size_t size;
  FILE* file = open_memstream(&json, &size);
  while ((row = strsep(&at, "\x1e")) != NULL)
    put_row(file, row == word->text ? "{\"batch\":[" : ",", row);
  fputs("]}", file);
  fclose(file);
  cairn_table_from_json("ReplicaEvent", 12, json, size, &word->made, &error);
  find_batch("ReplicaEvent", word);
  free(json);
  return word->data != NULL;
}

static struct handle** find(size_t i) {
  for (struct handle** at = &handles; *at != NULL; at = &(*at)->next)
    if (strcmp((*at)->name, words[i].text) == 0) return at;
  die("nothing is open as", words[i].text);
}

static void* of(size_t i) { return *words[i].text == '\0' ? NULL : (*find(i))->it; }

static cairn_status keep(enum kind kind, void* it) {
  struct handle* made = malloc(sizeof *made);
  *made = (struct handle){handles, kind, it, ""};
  snprintf(made->name, sizeof made->name, "%s", words[1].text);
  handles = made;
  return CAIRN_OK;
}

static cairn_status close_handle(struct handle** at) {
  struct handle* handle = *at;
  if (handle->kind == database) cairn_database_close(handle->it);
  if (handle->kind == collection) cairn_collection_close(handle->it);
  if (handle->kind == cursor) cairn_cursor_close(handle->it);
  if (handle->kind == coordinator) cairn_coordinator_close(handle->it);
  if (handle->kind == replica) cairn_replica_close(handle->it);
  *at = handle->next;
  free(handle);
  return CAIRN_OK;
}

static cairn_status write_batches(void) {
  cairn_transaction* to;
  cairn_status status = cairn_transaction_begin(of(1), IN(2), &to, &error);
  for (size_t i = 3; i < word_count && status == CAIRN_OK; i++) {
    const bool there = *words[i].text == '=' || make_batch(&words[i]);
    status = there ? cairn_transaction_add(to, IN(i), &error) : REFUSED;
  }
  if (status == CAIRN_OK) status = cairn_transaction_commit(to, &out, &error);
  cairn_transaction_close(to);
  return status;
}

/* What a call has given as JSON, too, where it has given it. */
static cairn_status as_json(cairn_status status, writer* write, cairn_buffer* const* given) {
  return status == CAIRN_OK ? put_json(write, BUFFER(*given)) : status;
}

static cairn_status take(bool effects) {
  cairn_status status = CAIRN_OK;
  while (status == CAIRN_OK) {
    struct word one = {0};
    status = effects ? cairn_replica_next(of(1), &one.made, &error)
                     : cairn_coordinator_next(of(1), &one.made, &error);
    if (status == CAIRN_OK) put_bytes(BUFFER(one.made));
    if (effects) find_batch("ReplicaEffect", &one);
    if (status == CAIRN_OK && effects) status = put_json(cairn_batch_to_json, one.data, one.size);
    release(&one);
  }
  return status == CAIRN_DONE ? CAIRN_OK : status;
}

#define CALL(name, call) \
  if (strcmp(words[0].text, #name) == 0) return call
#define OPEN(name, kind, function, ...)                         \
  if (strcmp(words[0].text, #name) == 0) {                      \
    cairn_##kind* made;                                         \
    cairn_status status = function(__VA_ARGS__, &made, &error); \
    return status == CAIRN_OK ? keep(kind, made) : status;      \
  }

static cairn_status perform(void) {
  OPEN(open, database, cairn_database_open, IN(2), IN(3));
  OPEN(collection, collection, cairn_collection_open, of(2), IN(3), IN(4));
  OPEN(load, cursor, cairn_collection_load, of(2), IN(3));
  OPEN(delta, cursor, cairn_collection_delta, of(2), IN(3));
  OPEN(coordinator, coordinator, cairn_coordinator_open, of(2), IN(3));
  OPEN(replica, replica, cairn_replica_open, of(2), of(3), IN(4));
  CALL(close, close_handle(find(1)));
  CALL(live, (number = (uint64_t)cairn_live_objects(), CAIRN_OK));
  CALL(write, write_batches());
  CALL(batch_from_json, cairn_batch_from_json(IN(1), IN(2), &out, &error));
  CALL(table_from_json, cairn_table_from_json(IN(1), IN(2), &out, &error));
  CALL(table_to_json, cairn_table_to_json(IN(1), IN(2), &out, &error));
  CALL(put,
       make_values() ? cairn_collection_put(of(1), MADE(2), MADE(3), &number, &error) : REFUSED);
  CALL(remove, make_values() ? cairn_collection_remove(of(1), MADE(2), &number, &error) : REFUSED);
  CALL(get, make_values() ? as_json(cairn_collection_get(of(1), MADE(2), &words[1].made, &error),
                                    cairn_value_to_json, &words[1].made)
                          : REFUSED);
  CALL(head, cairn_cursor_head(of(1), &out, &error));
  CALL(next, as_json(cairn_cursor_next(of(1), &out, &error), cairn_batch_to_json, &out));
  CALL(answer, cairn_cursor_answer(of(1), IN(2), &error));
  CALL(explain, cairn_cursor_explain(of(1), &out, &error));
  CALL(reset, cairn_collection_reset(of(1), &error));
  CALL(drop, cairn_collection_drop(of(1), IN(2), &error));
  CALL(metadata, cairn_collection_metadata(of(1), &out, &error));
  CALL(info, cairn_collection_info(of(1), &out, &error));
  CALL(ensure_index, cairn_collection_ensure_index(of(1), IN(2), &out, &error));
  CALL(remove_index, cairn_collection_remove_index(of(1), IN(2), &error));
  CALL(database, cairn_database_info(of(1), &out, &error));
  CALL(check, cairn_database_check(of(1), IN(2), &out, &error));
  CALL(digest, cairn_database_digest(of(1), &out, &error));
  CALL(flush, cairn_database_flush(of(1), &error));
  CALL(compact, cairn_database_compact(of(1), &error));
  CALL(backup, cairn_database_backup(of(1), IN(2), &out, &error));
  CALL(send, (*find(1))->kind == replica ? cairn_replica_send(of(1), IN(2), &error)
                                         : cairn_coordinator_send(of(1), IN(2), &error));
  CALL(take, take((*find(1))->kind == replica));
  die("there is no call", words[0].text);
}

static void split(char* line) {
  char* text;
  for (word_count = 0; (text = strsep(&line, "\t")) != NULL; word_count++) {
    words = realloc(words, (word_count + 1) * sizeof *words);
    words[word_count] = (struct word){.text = text};
    if (*text == '=') decode(&words[word_count]);
  }
}

static void reply(void) {
  char* text;
  size_t size;
  answer = open_memstream(&text, &size);
  out = NULL;
  error = NULL;
  number = UINT64_MAX;
  cairn_status status = perform();
  fclose(answer);
  answer = stdout;
  fputs(status == REFUSED ? "REFUSED" : cairn_status_name(status), answer);
  const char* message = cairn_error_message(error);
  if (status != CAIRN_OK && status != CAIRN_QUESTION && status != CAIRN_DONE) {
    put_bytes((const uint8_t*)message, strlen(message));
  } else {
    if (out != NULL) put_bytes(BUFFER(out));
    if (number != UINT64_MAX) fprintf(answer, "\t%llu", (unsigned long long)number);
    fwrite(text, 1, size, answer);
  }
  putc('\n', answer);
  fflush(answer);
  free(text);
}

int main(void) {
  char* line = NULL;
  size_t room = 0;
  for (ssize_t size; (size = getline(&line, &room, stdin)) > 0;) {
    if (line[size - 1] == '\n') line[size - 1] = '\0';
    split(line);
    reply();
    for (size_t i = 0; i < word_count; i++) release(&words[i]);
    cairn_buffer_free(out);
    cairn_error_free(error);
  }
  while (handles != NULL) close_handle(&handles);
  free(words);
  free(line);
  return 0;
}
