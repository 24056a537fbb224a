// `cairn watch`: the changes of a collection as other processes make them.
#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <set>

#include "commands.h"
#include "json_scan.h"
#include "options.h"
#include "report.h"
#include "text.h"

namespace cairn::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr uint32_t kTickMs = 50;

volatile std::sig_atomic_t ends = 0;

struct WatchOptions : Target {
  bool all = false;
  uint64_t count = 0;    // of changes, 0: no end
  uint64_t timeout = 0;  // seconds, 0: no end
};

// Follows a replica, and prints what changes.
class Watch {
 public:
  Watch(Replica replica, const WatchOptions& options)
      : replica_(std::move(replica)), options_(options) {}

  void start() {
    Request request;
    fb::ReplicaEventBuilder event(request.builder());
    event.add_kind(fb::EventKind::Start);
    event.add_number(1);
    replica_.send(request.finish(event.Finish()));
  }

  // Finds what somebody without a coordinator has written, too.
  void tick(Clock::time_point now) {
    Request request;
    fb::ReplicaEventBuilder event(request.builder());
    event.add_kind(fb::EventKind::Tick);
    auto since = now.time_since_epoch();
    event.add_now_ms(std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
    replica_.send(request.finish(event.Finish()));
  }

  // Takes what there is; false when enough changes were printed.
  bool follow() {
    while (const std::optional<Buffer> effect = replica_.next()) {
      take(effect->table<fb::ReplicaEffect>());
      std::fflush(stdout);
      if (is_full()) return false;
    }
    return true;
  }

 private:
  bool is_full() const { return options_.count != 0 && printed_ >= options_.count; }

  void take(const fb::ReplicaEffect& effect) {
    switch (effect.kind()) {
      case fb::EffectKind::Rows:
        return for_each_row(effect, [&](const RowLine& row) {
          known_.emplace(row.key);
          if (options_.all) print_row("row", row.key, row.value);
        });
      case fb::EffectKind::Changes:
        return for_each_row(effect, [&](const RowLine& row) { change(row); });
      case fb::EffectKind::Replace:
        return replace(effect);
      case fb::EffectKind::Ready:
        if (effect.subset_id() == 0 && !effect.remote()) std::fputs("watching\n", stderr);
        return;
      case fb::EffectKind::Error:
        if (effect.retryable()) return;
        throw Error(effect.status(), std::string(view_of(effect.message())));
      default:
        return;
    }
  }

  void for_each_row(const fb::ReplicaEffect& effect,
                    const std::function<void(const RowLine&)>& body) {
    if (effect.batch() == nullptr) return;
    const Buffer lines = batch_to_json({effect.batch()->data(), effect.batch()->size()});
    for_each_line(lines.text(), [&](std::string_view line) {
      if (!is_full()) body(row_line(line));
    });
  }

  void change(const RowLine& row) {
    const std::string key(row.key);
    if (row.op == "\"delete\"") {
      if (known_.erase(key) != 0) print_change("delete", key, "");
      return;
    }
    print_change(known_.insert(key).second ? "insert" : "update", key, row.value);
  }

  // Everything came anew: what is not among it is gone.
  void replace(const fb::ReplicaEffect& effect) {
    if (effect.first()) unseen_ = known_;
    for_each_row(effect, [&](const RowLine& row) {
      unseen_.erase(std::string(row.key));
      change(row);
    });
    if (!effect.last()) return;
    for (const std::string& key : unseen_) {
      known_.erase(key);
      if (!is_full()) print_change("delete", key, "");
    }
    unseen_.clear();
  }

  void print_change(std::string_view op, std::string_view key, std::string_view value) {
    print_row(op, key, value);
    ++printed_;
  }

  static void print_row(std::string_view op, std::string_view key, std::string_view value) {
    std::string line = "{\"op\":\"" + std::string(op) + "\",\"key\":" + std::string(key);
    if (!value.empty()) line += ",\"value\":" + std::string(value);
    print(line + "}\n");
  }

  Replica replica_;
  const WatchOptions& options_;
  std::set<std::string> known_;   // keys, as JSON
  std::set<std::string> unseen_;  // while everything comes anew
  uint64_t printed_ = 0;
};

Replica open_replica(Collection& collection, const Coordinator& coordinator) {
  Request request;
  fb::ReplicaOptionsBuilder options(request.builder());
  options.add_source(false);  // it never leads
  return collection.replica(coordinator, request.finish(options.Finish()));
}

int run_watch(const WatchOptions& options) {
  for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, [](int) { ends = 1; });
  Database database = open_to_read(options);
  Collection collection = open_collection(database, options);
  Coordinator coordinator = database.coordinate();
  Watch watch(open_replica(collection, coordinator), options);
  const auto began = Clock::now();
  watch.start();
  while (ends == 0 && watch.follow()) {
    coordinator.wait(kTickMs);
    const auto now = Clock::now();
    if (options.timeout != 0 && now - began >= std::chrono::seconds(options.timeout)) break;
    watch.tick(now);
  }
  return kFine;
}

}  // namespace

void add_watch(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<WatchOptions>();
  CLI::App* command = app.add_subcommand(
      "watch", "Print changes, a line of JSON each, as other processes make them");
  add_target(*command, *options, Collections::kOne);
  command->add_flag("--all", options->all, "Begin with the rows that are there");
  command->add_option("--count", options->count, "End after so many changes")
      ->check(whole_number())
      ->type_name("N");
  command->add_option("--timeout", options->timeout, "End after so many seconds")
      ->check(whole_number())
      ->type_name("SECONDS");
  command->footer(
      "Says \"watching\" on the standard error when it knows the rows; changes from then on are\n"
      "printed. Interrupt it to end it.");
  command->callback(choose(chosen, options, run_watch));
}

}  // namespace cairn::cli
