#include "convert.h"

using namespace cairn;
using namespace cairn::capi;

cairn_status cairn_collection_load(cairn_collection* collection, const uint8_t* request,
                                   size_t request_size, cairn_cursor** out, cairn_error** error) {
  return barrier(out, error, [&] {
    Request<fb::LoadRequest> table(request, request_size);
    *out = new cairn_cursor(Cursor::load(use(collection), to_request(table.get())));
  });
}

cairn_status cairn_collection_delta(cairn_collection* collection, const uint8_t* request,
                                    size_t request_size, cairn_cursor** out, cairn_error** error) {
  return barrier(out, error, [&] {
    Request<fb::DeltaRequest> table(request, request_size);
    *out = new cairn_cursor(Cursor::delta(use(collection), to_request(table.get())));
  });
}

cairn_status cairn_cursor_head(cairn_cursor* cursor, cairn_buffer** out, cairn_error** error) {
  return barrier(out, error, [&] { *out = buffer_of(to_table(use(cursor)->head())); });
}

cairn_status cairn_cursor_next(cairn_cursor* cursor, cairn_buffer** out, cairn_error** error) {
  return barrier(out, error, [&] {
    CursorStep step = use(cursor)->next();
    if (step.question) {
      *out = buffer_of(to_table(*step.question));
      return Status::kQuestion;
    }
    if (!step.batch) return Status::kDone;
    *out = buffer_of(std::move(*step.batch));
    return Status::kOk;
  });
}

cairn_status cairn_cursor_answer(cairn_cursor* cursor, const uint8_t* answer, size_t answer_size,
                                 cairn_error** error) {
  return barrier(error, [&] {
    Cursor& object = *use(cursor);
    Request<fb::Answer> table(answer, answer_size);
    if (table.get() == nullptr || table.get()->values() == nullptr)
      malformed("an answer without values");
    object.answer({table.get()->values()->data(), table.get()->values()->size()});
  });
}

cairn_status cairn_cursor_explain(cairn_cursor* cursor, cairn_buffer** out, cairn_error** error) {
  return barrier(out, error, [&] { *out = buffer_of(to_table(use(cursor)->report())); });
}

void cairn_cursor_close(cairn_cursor* cursor) { delete cursor; }
