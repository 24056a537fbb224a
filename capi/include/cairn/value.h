/* value.h - JSON in and out, for programs that do not use FlatBuffers: portable values, row batches
 * and the tables of requests and results.
 *
 * What JSON cannot say is written as an object with one field: {"$date":
 * "2026-01-31T12:00:00.000Z"} (or milliseconds), {"$bigint": "123"}, {"$bytes": "<base64>"},
 * {"$number": "NaN"} (also "Infinity", "-Infinity", "-0"), {"$text": "<base64 of WTF-8>"} for texts
 * with lone surrogates, and
 * {"$object": [[name, value], ...]} for objects that would look like one of these. */
#ifndef CAIRN_VALUE_H
#define CAIRN_VALUE_H

#include "status.h"

CAIRN_BEGIN

/** Makes a portable value from one JSON text.
 *  Ownership: `json` is borrowed for the call; `*out` is owned by the caller (cairn_buffer_free).
 *  Threads: any.
 *  Errors: CAIRN_MALFORMED with line and column, CAIRN_INVALID_VALUE, CAIRN_TOO_LARGE. */
CAIRN_API cairn_status cairn_value_from_json(const char* json, size_t json_size, cairn_buffer** out,
                                             cairn_error** error);

/** Writes a portable value as JSON in UTF-8, without a terminating zero.
 *  Ownership: `value` is borrowed for the call; `*out` is owned by the caller (cairn_buffer_free).
 *  Threads: any.
 *  Errors: CAIRN_MALFORMED. */
CAIRN_API cairn_status cairn_value_to_json(const uint8_t* value, size_t value_size,
                                           cairn_buffer** out, cairn_error** error);

/** Makes a row batch of inserts from a JSON array of objects, or from objects on a line each
 *  (NDJSON). `key_field` names the field that holds each row's key.
 *  Ownership: the texts are borrowed for the call; `*out` is owned by the caller.
 *  Threads: any.
 *  Errors: CAIRN_MALFORMED with line and column, CAIRN_INVALID_VALUE for a row that is no object or
 *  has no usable key, CAIRN_TOO_LARGE above 64 MiB: give the rows in parts. */
CAIRN_API cairn_status cairn_batch_from_json(const char* json, size_t json_size,
                                             const char* key_field, size_t key_field_size,
                                             cairn_buffer** out, cairn_error** error);

/** Writes a row batch as NDJSON: a line {"key":K,"value":V} a row, with "op" where it is not
 *  "insert", and with "version" and "metadata" where the batch has them. {"$undefined": true} is
 *  written where an update or a touch removes the row's metadata, and for a field of an update's
 *  value that is removed. Of an insert without metadata nothing is written.
 *  Ownership: `batch` is borrowed for the call; `*out` is owned by the caller.
 *  Threads: any.
 *  Errors: CAIRN_MALFORMED, CAIRN_TOO_LARGE. */
CAIRN_API cairn_status cairn_batch_to_json(const uint8_t* batch, size_t batch_size,
                                           cairn_buffer** out, cairn_error** error);

/** Makes a table of schemas/ from JSON, such as ("LoadRequest", "{\"versions\": true}"). Fields
 *  that are marked `portable` there take any value, and other bytes {"$bytes": "<base64>"}; a row
 *  batch in a table is an array of objects as cairn_batch_to_json writes them, too, and a Subset in
 *  one is its table. There "metadata": {"$undefined": true} removes a row's metadata, whatever its
 *  "op"; without "metadata" a row keeps what it has. Row batches on their own have functions of
 *  their own.
 *  Ownership: the texts are borrowed for the call; `*out` is owned by the caller.
 *  Threads: any.
 *  Errors: CAIRN_INVALID_ARGUMENT for an unknown table, CAIRN_MALFORMED. */
CAIRN_API cairn_status cairn_table_from_json(const char* table, size_t table_size, const char* json,
                                             size_t json_size, cairn_buffer** out,
                                             cairn_error** error);

/** Writes a table of schemas/ as one line of JSON; the reverse of cairn_table_from_json.
 *  Ownership: the inputs are borrowed for the call; `*out` is owned by the caller.
 *  Threads: any.
 *  Errors: CAIRN_INVALID_ARGUMENT for an unknown table, CAIRN_MALFORMED. */
CAIRN_API cairn_status cairn_table_to_json(const char* table, size_t table_size,
                                           const uint8_t* bytes, size_t bytes_size,
                                           cairn_buffer** out, cairn_error** error);

CAIRN_END

#endif
