// Jobs of one handle, carried out one after another in the order in which they were added. The lane
// itself and the ends of jobs belong to the JavaScript thread; a job's work runs in libuv's pool,
// and may block there. Lanes are independent of each other.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "failure.h"
#include "payload.h"
#include "state.h"

namespace cairn::node {

// What a job's work has brought, until it is given to JavaScript.
struct Result {
  // Runs `call(&error)` of the C API. Statuses other than CAIRN_OK fail the job, but for
  // `expected`.
  template <class Call>
  bool run(Call call, cairn_status expected = CAIRN_OK) {
    cairn_error* error = nullptr;
    status = call(&error);
    if (status == CAIRN_OK || status == expected) return true;
    failure.emplace(status, error);
    return false;
  }

  // Runs `call(&out, &error)`, and adds what it gives to `buffers`.
  template <class Call>
  bool take(Call call, cairn_status expected = CAIRN_OK) {
    cairn_buffer* out = nullptr;
    bool done = run([&](cairn_error** error) { return call(&out, error); }, expected);
    if (out != nullptr) buffers.emplace_back(out);
    return done;
  }

  cairn_status status = CAIRN_OK;
  std::optional<Failure> failure;
  std::optional<Failure> later;  // what a later call has to report
  std::vector<Buffer> buffers;
  bool more = false;
  bool again = false;  // the work has come to a point where it waits: it goes on in another job
  std::shared_ptr<void> opened;  // a handle of the C API
};

class Lane;

class Job {
 public:
  virtual ~Job() = default;

  // Off the JavaScript thread; touches nothing of JavaScript.
  virtual void work(Result& result) = 0;
  // On the JavaScript thread, after work that did not fail. Null where JavaScript ends.
  virtual napi_value give(napi_env env, Result& result) = 0;

  // The promise of what the job gives. A job whose promise nobody asks for gives nothing.
  napi_value promise(Napi::Env env);

 private:
  friend class Lane;
  void run() noexcept;
  bool goes_on() { return std::exchange(result_.again, false); }
  bool settle(napi_env env);
  napi_value outcome(napi_env env, bool* failed);

  napi_deferred deferred_ = nullptr;
  Result result_;
  std::shared_ptr<Lane> lane_;  // while it runs
  napi_async_work running_ = nullptr;
};

template <class Work, class Give>
class JobOf : public Job {
 public:
  JobOf(Work w, Give g) : work_(std::move(w)), give_(std::move(g)) {}
  void work(Result& result) override { work_(result); }
  napi_value give(napi_env env, Result& result) override { return give_(env, result); }

 private:
  Work work_;
  Give give_;
};

class Lane : public std::enable_shared_from_this<Lane> {
 public:
  enum class Where {
    kPool,   // of libuv
    kInline  // on the JavaScript thread, before add() returns: for a database over a host's SQL
  };

  Lane(Napi::Env env, Where where) : env_(env), state_(state_of(env)), where_(where) {}

  // Adds work and gives the promise of what `give(env, result)` makes of it.
  template <class Work, class Give>
  Napi::Value add(Work work, Give give) {
    auto job = std::make_unique<JobOf<Work, Give>>(std::move(work), std::move(give));
    napi_value promise = job->promise(env_);
    enqueue(std::move(job), where_ == Where::kInline);
    return Napi::Value(env_, promise);
  }

  // Adds work that nobody waits for. It never begins before this returns, so that it can be added
  // by the garbage collector; where the thread is ending it runs at once.
  template <class Work>
  void add_later(Work work) {
    auto nothing = [](napi_env, Result&) -> napi_value { return nullptr; };
    enqueue(std::make_unique<JobOf<Work, decltype(nothing)>>(std::move(work), nothing), false);
  }

  Where where() const { return where_; }
  bool idle() const { return !busy_ && waiting_.empty(); }

 private:
  static void execute(napi_env env, void* data);
  static void complete(napi_env env, napi_status status, void* data);

  void enqueue(std::unique_ptr<Job> job, bool now);
  void run_inline();
  void start_next();
  void resume(std::unique_ptr<Job> job);
  bool start(std::unique_ptr<Job>& job);
  void stop();

  Napi::Env env_;
  StatePtr state_;
  Where where_;
  bool busy_ = false;
  std::deque<std::unique_ptr<Job>> waiting_;
};

using LanePtr = std::shared_ptr<Lane>;

// A promise that is rejected with a failure.
Napi::Value rejected(Napi::Env env, const Failure& failure);

}  // namespace cairn::node
