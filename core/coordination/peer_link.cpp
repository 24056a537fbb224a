#include "core/coordination/peer_link.h"

namespace cairn {
namespace {

// What is read before others get their turn.
constexpr size_t kShare = size_t{1} << 20;

// What may wait behind the message that is on its way. A single one may be longer.
constexpr size_t kMaxWaiting = size_t{8} << 20;

}  // namespace

PeerLink::Reading PeerLink::read(const std::function<bool(Bytes)>& take) {
  for (size_t total = 0; total < kShare;) {
    auto room = frames_.room();
    auto size = socket_.read(room);
    if (!size) return Reading::kEnded;
    frames_.arrived(*size);
    while (auto frame = frames_.next())
      if (!take(*frame)) return Reading::kEnded;
    if (*size < room.size()) return Reading::kQuiet;
    total += *size;
  }
  return Reading::kMore;
}

// A message of which only a part could be kept would garble all that follow.
void PeerLink::send(OutgoingFrame& frame) {
  if (cut_) return;
  try {
    write_or_keep(frame);
  } catch (const std::bad_alloc&) {
    cut();
  }
}

void PeerLink::write_or_keep(OutgoingFrame& frame) {
  if (has_waiting()) {
    if (behind_ != 0 && behind_ + frame.size() > kMaxWaiting) return cut();
    return keep(frame, 0);
  }
  auto sent = socket_.write(frame.head(), frame.body());
  if (!sent) return cut();
  if (*sent < frame.size()) keep(frame, *sent);
}

void PeerLink::keep(OutgoingFrame& frame, size_t sent) {
  bool is_first = waiting_.empty();
  waiting_.push_back(frame.copy());
  if (is_first)
    sent_ = sent;
  else
    behind_ += frame.size();
}

void PeerLink::flush() {
  while (has_waiting()) {
    Bytes rest = waiting_.front()->from(sent_);
    auto sent = socket_.write(rest, {});
    if (!sent) return cut();
    sent_ += *sent;
    if (*sent < rest.size()) return;
    waiting_.pop_front();
    sent_ = 0;
    if (has_waiting()) behind_ -= waiting_.front()->size();
  }
}

// The thread that reads finds the end, after what has arrived.
void PeerLink::cut() {
  cut_ = true;
  waiting_.clear();
  behind_ = 0;
  socket_.shut();
}

}  // namespace cairn
