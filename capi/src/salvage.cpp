#include "cairn/salvage.h"

#include "convert.h"

using namespace cairn;
using namespace cairn::capi;

cairn_status cairn_salvage(const char* damaged_path, size_t damaged_path_size, const char* out_path,
                           size_t out_path_size, const uint8_t* options, size_t options_size,
                           cairn_buffer** report, cairn_error** error) {
  return barrier(report, error, [&] {
    Request<fb::SalvageOptions> request(options, options_size);
    *report =
        buffer_of(to_table(salvage(path_in(damaged_path, damaged_path_size),
                                   path_in(out_path, out_path_size), to_options(request.get()))));
  });
}
