#include "core/coordination/peer_loop.h"

#include <algorithm>
#include <filesystem>

#include "core/platform/file.h"

namespace cairn {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".sock";
constexpr std::chrono::milliseconds kScanPause{1000};
// Before a peer is looked for that was there just now.
constexpr std::chrono::milliseconds kReconnectPause{20};
// Who connects has to say who it is, within this time.
constexpr std::chrono::seconds kHelloPause{10};
constexpr ptrdiff_t kMaxStrangers = 64;
// A socket that is still being made after this time was left by a process that died.
constexpr std::chrono::seconds kUnfinishedPause{60};

Status folder_status(const std::error_code& code) {
  if (code == std::errc::function_not_supported) return Status::kUnsupported;
  if (code == std::errc::no_space_on_device) return Status::kDiskFull;
  for (auto refusal :
       {std::errc::no_such_file_or_directory, std::errc::not_a_directory,
        std::errc::permission_denied, std::errc::operation_not_permitted,
        std::errc::read_only_file_system, std::errc::file_exists, std::errc::filename_too_long})
    if (code == refusal) return Status::kCannotOpen;
  return Status::kIo;
}

void require(const std::error_code& code, const std::string& folder) {
  if (!code) return;
  Status status = folder_status(code);
  std::string message =
      "cannot exchange messages between processes in " + folder + " (" + code.message() + "); ";
  message += status == Status::kUnsupported
                 ? "open the database in one process alone on this system"
                 : "check that the folder of the database exists and may be written";
  throw Error(status, message);
}

// Beside the file itself, by whatever name it was opened.
std::string folder_of(const std::string& database_path) {
  std::error_code code;
  std::string path = fs::weakly_canonical(fs::absolute(database_path, code), code).string();
  std::string folder = (code ? database_path : path) + "-peers";
  require(make_private_folder(folder), folder);
  return folder;
}

void remove_if_old(const std::string& path) {
  std::error_code code;
  auto changed = fs::last_write_time(path, code);
  if (!code && fs::file_time_type::clock::now() - changed > kUnfinishedPause)
    (void)remove_file(path);
}

}  // namespace

PeerLoop::PeerLoop(Peers::Options options)
    : options_(std::move(options)),
      folder_(folder_of(options_.database_path)),
      hello_(hello_of(options_.node)) {
  std::error_code code;
  leaders_ = std::make_unique<RangeLock>(folder_ + "/leaders", code);
  require(code, folder_);
  wait_ = std::make_unique<SocketWait>(code);
  require(code, folder_);
  require(listener_.listen(folder_, options_.node + std::string(kSuffix)), folder_);
  // First woken, then started: so the thread never waits for being woken, in which case a forked
  // child could not destroy it.
  worker_.wake();
  worker_.start([this] { run(); });
}

PeerLoop::~PeerLoop() {
  stopping_ = true;
  wait_->wake();
  worker_.stop();
  // Before the connections end: who sees that finds the locks free.
  leaders_.reset();
}

void PeerLoop::send(std::string_view to, Bytes message) {
  OutgoingFrame frame(message);
  bool begins_to_wait = false;
  auto hand_to = [&](PeerLink& link) {
    bool has_waited = link.has_waiting();
    link.send(frame);
    begins_to_wait |= !has_waited && link.has_waiting();
  };
  {
    MutexLock lock(mutex_);
    if (to.empty()) {
      for (auto& [node, link] : peers_) hand_to(*link);
    } else if (auto found = peers_.find(to); found != peers_.end()) {
      hand_to(*found->second);
    }
  }
  if (begins_to_wait) wait_->wake();
}

void PeerLoop::run() {
  while (!stopping_) try {
      turn();
    } catch (const std::exception&) {
      // Memory ran out while something new was begun: it is begun again.
      pause_ms(10);
    }
}

void PeerLoop::turn() {
  size_t known = links_.size();
  wait();
  for (size_t i = 0; i < known && !stopping_; ++i)
    serve(*links_[i], wait_->has_bytes(i), wait_->has_room(i));
  if (stopping_) return;
  if (wait_->has_bytes(known)) accept();
  std::erase_if(links_, [](const auto& link) { return link->has_ended(); });
  if (Clock::now() >= next_scan_) scan();
}

// The numbers are those of the links, and then the listener's.
void PeerLoop::wait() {
  wait_->clear();
  {
    MutexLock lock(mutex_);
    for (const auto& link : links_) wait_->add(link->handle(), link->has_waiting());
  }
  const Descriptor nothing;
  wait_->add(accepting_ ? listener_.handle() : nothing, false);
  auto left = std::chrono::ceil<std::chrono::milliseconds>(next_scan_ - Clock::now());
  wait_->wait(static_cast<int>(std::clamp(left, std::chrono::milliseconds(0), kScanPause).count()));
}

// Where this stops early, for want of descriptors or since too many have not said who they are, it
// goes on after the next scan.
void PeerLoop::accept() {
  auto is_stranger = [](const auto& link) {
    return link->side() == PeerLink::Side::kAccepted && !link->is_greeted();
  };
  ptrdiff_t strangers = std::count_if(links_.begin(), links_.end(), is_stranger);
  for (; strangers < kMaxStrangers; ++strangers) {
    std::error_code code;
    LocalSocket socket = listener_.accept(code);
    if (code == std::errc::resource_unavailable_try_again) return;
    if (code) break;
    links_.push_back(
        std::make_unique<PeerLink>(std::move(socket), PeerLink::Side::kAccepted, std::string()));
  }
  accepting_ = false;
}

void PeerLoop::serve(PeerLink& link, bool has_bytes, bool has_room) {
  if (link.has_ended()) return;
  if (has_room) {
    MutexLock lock(mutex_);
    link.flush();
  }
  if (has_bytes && read(link) == PeerLink::Reading::kEnded) end(link);
}

PeerLink::Reading PeerLoop::read(PeerLink& link) {
  try {
    return link.read([&](Bytes message) { return take(link, message); });
  } catch (const std::exception&) {
    return PeerLink::Reading::kEnded;  // malformed, or more than there is memory for
  }
}

bool PeerLoop::take(PeerLink& link, Bytes message) {
  if (!link.is_greeted()) {
    auto node = node_of(message);
    return node && *node != options_.node && greet(link, *node);
  }
  if (options_.received) options_.received(message);
  return true;
}

// False where the connection is of no more use.
bool PeerLoop::greet(PeerLink& link, const std::string& node) {
  if (link.side() == PeerLink::Side::kKnock) return false;  // that one does not answer
  if (link.side() == PeerLink::Side::kConnected) {
    if (node != link.node()) return false;
  } else if (node > options_.node) {
    if (!has_link(node)) connect(node);
    return false;
  } else {
    replace(node);
  }
  establish(link, node);
  return true;
}

void PeerLoop::establish(PeerLink& link, const std::string& node) {
  link.set_node(node);
  {
    MutexLock lock(mutex_);
    if (link.side() == PeerLink::Side::kAccepted) say_hello(link);
    peers_.insert_or_assign(node, &link);
  }
  link.set_greeted();
  if (options_.came) options_.came(node);
}

// A peer that connects again has closed its connection of before. What it had sent comes first.
void PeerLoop::replace(const std::string& node) {
  auto is_old = [&](const auto& link) {
    return link->is_greeted() && !link->has_ended() && link->node() == node;
  };
  auto old = std::find_if(links_.begin(), links_.end(), is_old);
  if (old == links_.end()) return;
  PeerLink& link = **old;
  // Bounded, should it not have closed it after all.
  for (int i = 0; i < 64 && read(link) == PeerLink::Reading::kMore; ++i) {
  }
  end(link);
}

void PeerLoop::end(PeerLink& link) {
  link.set_ended();
  {
    MutexLock lock(mutex_);
    auto found = peers_.find(link.node());
    if (found != peers_.end() && found->second == &link) peers_.erase(found);
  }
  if (!link.is_greeted()) return;
  if (options_.gone) options_.gone(link.node());
  next_scan_ = std::min(next_scan_, Clock::now() + kReconnectPause);
}

// New peers connect to those that are there. This finds what was missed all the same, and whom to
// connect to again.
void PeerLoop::scan() {
  next_scan_ = Clock::now() + kScanPause;
  accepting_ = true;
  end_strangers();
  if (!file_exists(path_of(options_.node)))
    (void)listener_.listen(folder_, options_.node + std::string(kSuffix));
  for (const std::string& path : files_beside(folder_ + "/", "")) look_at(path);
}

void PeerLoop::end_strangers() {
  auto until = Clock::now() - kHelloPause;
  for (size_t i = 0; i < links_.size(); ++i) {
    PeerLink& link = *links_[i];
    bool is_accepted = link.side() == PeerLink::Side::kAccepted;
    if (is_accepted && !link.is_greeted() && link.made() < until) end(link);
  }
}

void PeerLoop::look_at(const std::string& path) {
  std::string name = fs::path(path).filename().string();
  if (name.ends_with(std::string(kSuffix) + LocalListener::kUnfinished)) remove_if_old(path);
  if (!name.ends_with(kSuffix)) return;
  std::string node = name.substr(0, name.size() - kSuffix.size());
  if (is_node(node) && node != options_.node && !has_link(node)) connect(node);
}

// Who does not answer is not waited for: the connection stays, and a busy peer finds it later.
void PeerLoop::connect(const std::string& node) {
  std::error_code code;
  LocalSocket socket = LocalSocket::connect(folder_, node + std::string(kSuffix), code);
  if (code == std::errc::connection_refused) (void)remove_file(path_of(node));
  if (code) return;
  auto side = options_.node < node ? PeerLink::Side::kConnected : PeerLink::Side::kKnock;
  links_.push_back(std::make_unique<PeerLink>(std::move(socket), side, node));
  MutexLock lock(mutex_);
  say_hello(*links_.back());
}

bool PeerLoop::has_link(const std::string& node) const {
  return std::any_of(links_.begin(), links_.end(),
                     [&](const auto& link) { return !link->has_ended() && link->node() == node; });
}

std::string PeerLoop::path_of(const std::string& node) const {
  return folder_ + "/" + node + std::string(kSuffix);
}

void PeerLoop::say_hello(PeerLink& link) {
  OutgoingFrame frame(hello_.bytes());
  link.send(frame);
}

}  // namespace cairn
