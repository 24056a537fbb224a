#include "convert.h"

using namespace cairn;
using namespace cairn::capi;

cairn_status cairn_transaction_begin(cairn_collection* collection, const uint8_t* options,
                                     size_t options_size, cairn_transaction** out,
                                     cairn_error** error) {
  return barrier(out, error, [&] {
    Request<fb::TransactionOptions> request(options, options_size);
    *out = new cairn_transaction(
        std::make_unique<Transaction>(use(collection), to_options(request.get())));
  });
}

cairn_status cairn_transaction_add(cairn_transaction* transaction, const uint8_t* batch,
                                   size_t batch_size, cairn_error** error) {
  return barrier(error, [&] { use(transaction)->add(bytes_in(batch, batch_size)); });
}

cairn_status cairn_transaction_commit(cairn_transaction* transaction, cairn_buffer** out,
                                      cairn_error** error) {
  return barrier(out, error, [&] { *out = buffer_of(to_table(use(transaction)->commit())); });
}

void cairn_transaction_close(cairn_transaction* transaction) { delete transaction; }
