#include "convert.h"

using namespace cairn;
using namespace cairn::capi;

void OpenReplica::want(bool wants) {
  if (coordination == nullptr || std::exchange(wanted, wants) == wants) return;
  wants ? coordination->signal.begin_work() : coordination->signal.end_work();
}

cairn_status cairn_replica_open(cairn_collection* collection, cairn_coordinator* coordinator,
                                const uint8_t* options, size_t options_size, cairn_replica** out,
                                cairn_error** error) {
  return barrier(out, error, [&] {
    Request<fb::ReplicaOptions> request(options, options_size);
    auto opened = std::make_unique<OpenReplica>();
    if (coordinator != nullptr) opened->coordination = use(coordinator);
    std::shared_ptr<Coordinator> coordinates;
    if (coordinator != nullptr) coordinates = opened->coordination->coordinator;
    opened->replica =
        std::make_unique<Replica>(use(collection), coordinates, to_options(request.get()));
    *out = new cairn_replica(std::move(opened));
  });
}

void cairn_replica_close(cairn_replica* replica) { delete replica; }

cairn_status cairn_replica_send(cairn_replica* replica, const uint8_t* event, size_t event_size,
                                cairn_error** error) {
  return barrier(error, [&] {
    OpenReplica& object = *use(replica);
    Request<fb::ReplicaEvent> table(event, event_size, kMaxEventBytes);
    object.replica->handle(to_event(table.get()));
    object.want(true);
    if (object.coordination != nullptr) object.coordination->signal.raise();
  });
}

cairn_status cairn_replica_next(cairn_replica* replica, cairn_buffer** out, cairn_error** error) {
  return barrier(out, error, [&] {
    OpenReplica& object = *use(replica);
    // It is kept until the caller has it: there may be no memory for the table.
    if (!object.effect) object.effect = object.replica->next();
    if (!object.effect) {
      object.want(false);
      if (object.coordination != nullptr) object.coordination->signal.drained();
      return Status::kDone;
    }
    *out = buffer_of(to_table(*object.effect));
    object.effect.reset();
    return Status::kOk;
  });
}
