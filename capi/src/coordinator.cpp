#include "convert.h"

using namespace cairn;
using namespace cairn::capi;

namespace {

std::shared_ptr<Coordination> open_coordination(const std::shared_ptr<Database>& database,
                                                const fb::CoordinatorOptions* table) {
  auto opened = std::make_shared<Coordination>(to_options(table));
  if (table == nullptr || table->kind() == fb::CoordinatorKind::Native) opened->connect(database);
  return opened;
}

// Calls `destroy` whatever happens before the wakeup is given away.
struct WakeupOwner {
  const Signal::Wakeup& wakeup;
  bool released = false;
  ~WakeupOwner() {
    if (!released && wakeup.destroy != nullptr) wakeup.destroy(wakeup.user_data);
  }
};

}  // namespace

cairn_status cairn_coordinator_open(cairn_database* database, const uint8_t* options,
                                    size_t options_size, cairn_coordinator** out,
                                    cairn_error** error) {
  return barrier(out, error, [&] {
    Request<fb::CoordinatorOptions> request(options, options_size);
    *out = new cairn_coordinator(open_coordination(use(database), request.get()));
  });
}

void cairn_coordinator_close(cairn_coordinator* coordinator) {
  // Its replicas may keep what stands behind it.
  if (coordinator != nullptr && coordinator->process == current_process())
    coordinator->object->signal.set_wakeup(std::nullopt);
  delete coordinator;
}

cairn_status cairn_coordinator_send(cairn_coordinator* coordinator, const uint8_t* event,
                                    size_t event_size, cairn_error** error) {
  return barrier(error, [&] {
    Coordination& object = *use(coordinator);
    Request<fb::CoordinatorEvent> table(event, event_size, kMaxEventBytes);
    tell(*object.coordinator, table.get());
  });
}

cairn_status cairn_coordinator_next(cairn_coordinator* coordinator, cairn_buffer** out,
                                    cairn_error** error) {
  return barrier(out, error, [&] {
    Coordination& object = *use(coordinator);
    auto give = [&](const CoordinatorAction& action) { *out = buffer_of(to_table(action)); };
    // A native coordinator's are for itself.
    if (object.native == nullptr && object.coordinator->take_action(give)) return Status::kOk;
    object.signal.drained();
    return Status::kDone;
  });
}

cairn_status cairn_coordinator_set_wakeup(cairn_coordinator* coordinator,
                                          const cairn_wakeup* wakeup, cairn_error** error) {
  if (wakeup == nullptr)
    return barrier(error, [&] { use(coordinator)->signal.set_wakeup(std::nullopt); });
  if (wakeup->struct_size < sizeof(cairn_wakeup)) {
    return barrier(error, [] {
      throw Error(Status::kInvalidArgument, "the struct_size of the wakeup is too small");
    });
  }
  Signal::Wakeup given{wakeup->user_data, wakeup->wakeup, wakeup->destroy};
  WakeupOwner owner{given};
  return barrier(error, [&] {
    Signal& signal = use(coordinator)->signal;
    if (given.wakeup == nullptr) throw Error(Status::kInvalidArgument, "the wakeup is null");
    signal.set_wakeup(given);
    owner.released = true;
  });
}

cairn_status cairn_wait(cairn_coordinator* coordinator, uint32_t timeout_ms, cairn_error** error) {
  return barrier(error, [&] {
    return use(coordinator)->signal.wait(timeout_ms) ? Status::kOk : Status::kDone;
  });
}
