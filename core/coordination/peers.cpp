#include "core/coordination/peers.h"

#include "core/coordination/peer_loop.h"
#include "core/platform/process.h"

namespace cairn {
namespace {

Peers::Options checked_options(Peers::Options options) {
#if !CAIRN_THREADS
  throw Error(Status::kUnsupported,
              "this build has no threads, and cannot exchange messages with other processes; build "
              "with CAIRN_THREADS=ON, or open the database in one process alone");
#endif
  if (!is_node(options.node))
    throw Error(Status::kInvalidArgument,
                "a node is named by 1 to 64 characters of 0-9, a-z, A-Z and hyphen; use a UUID");
  return options;
}

}  // namespace

Peers::Peers(Options options)
    : loop_(std::make_unique<PeerLoop>(checked_options(std::move(options)))),
      generation_(process_generation()) {}

// A child has no thread to wait for, and finds the rest as other threads of its parent left it in
// the middle of their work: it is given up.
Peers::~Peers() {
  if (generation_ != process_generation()) (void)loop_.release();
}

bool Peers::try_lead(int64_t collection) {
  return generation_ == process_generation() && loop_->try_lead(collection);
}

void Peers::stop_leading(int64_t collection) {
  if (generation_ == process_generation()) loop_->stop_leading(collection);
}

void Peers::send(std::string_view to, Bytes message) {
  if (message.size() > kMaxMessage)
    throw Error(Status::kTooLarge,
                "a message to another process has " + std::to_string(message.size()) +
                    " bytes; split what is longer than " + std::to_string(kMaxMessage));
  if (generation_ == process_generation()) loop_->send(to, message);
}

}  // namespace cairn
