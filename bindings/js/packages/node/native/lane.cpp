// How jobs are carried out; see lane.h. What runs at the end of a job uses Node-API's plain
// functions: they say by a status that JavaScript is ending, where an exception could not be thrown
// any more.
#include "lane.h"

#include <new>

namespace cairn::node {

napi_value Job::promise(Napi::Env env) {
  napi_value promise = nullptr;
  if (napi_create_promise(env, &deferred_, &promise) != napi_ok) throw Napi::Error::New(env);
  return promise;
}

void Job::run() noexcept {
  try {
    work(result_);
  } catch (const std::bad_alloc&) {
    result_.failure.emplace(CAIRN_OUT_OF_MEMORY, nullptr);
  } catch (...) {
    result_.failure.emplace(CAIRN_INTERNAL, nullptr);
  }
}

napi_value Job::outcome(napi_env env, bool* failed) {
  *failed = result_.failure.has_value();
  if (*failed) return result_.failure->to_js(env);
  napi_value value = give(env, result_);
  bool thrown = false;
  napi_is_exception_pending(env, &thrown);
  if (!thrown) return value;
  *failed = true;
  if (napi_get_and_clear_last_exception(env, &value) != napi_ok) return nullptr;
  return value;
}

// False where JavaScript is ending.
bool Job::settle(napi_env env) {
  if (deferred_ == nullptr) return true;
  bool failed = false;
  napi_value value = outcome(env, &failed);
  if (value == nullptr) {
    failed = true;
    value = Failure(CAIRN_INTERNAL, "the result could not be given to JavaScript").to_js(env);
  }
  if (value == nullptr) return false;
  napi_status settled = failed ? napi_reject_deferred(env, deferred_, value)
                               : napi_resolve_deferred(env, deferred_, value);
  return settled == napi_ok;
}

void Lane::enqueue(std::unique_ptr<Job> job, bool now) {
  if (state_->stopping) return job->run();
  waiting_.push_back(std::move(job));
  if (busy_) return;
  now ? run_inline() : start_next();
}

// A job that calls back into JavaScript may add others, which then wait for its end.
void Lane::run_inline() {
  LanePtr self = shared_from_this();
  busy_ = true;
  while (!waiting_.empty() && !state_->stopping) {
    std::unique_ptr<Job> job = std::move(waiting_.front());
    waiting_.pop_front();
    job->run();
    Napi::HandleScope scope(env_);
    if (!job->settle(env_)) stop();
  }
  busy_ = false;
}

void Lane::start_next() {
  busy_ = false;
  if (waiting_.empty()) return;
  std::unique_ptr<Job> job = std::move(waiting_.front());
  waiting_.pop_front();
  busy_ = start(job);
  if (!busy_) stop();
}

void Lane::resume(std::unique_ptr<Job> job) {
  if (!start(job)) stop();
}

bool Lane::start(std::unique_ptr<Job>& job) {
  Napi::HandleScope scope(env_);
  napi_value name = nullptr;
  if (napi_create_string_utf8(env_, "cairn", NAPI_AUTO_LENGTH, &name) != napi_ok) return false;
  napi_async_work* running = &job->running_;
  if (napi_create_async_work(env_, nullptr, name, execute, complete, job.get(), running) != napi_ok)
    return false;
  job->lane_ = shared_from_this();
  if (napi_queue_async_work(env_, *running) != napi_ok) return false;
  (void)job.release();  // `complete` takes it
  return true;
}

void Lane::execute(napi_env, void* data) {
  auto* job = static_cast<Job*>(data);
  if (job->lane_->where_ == Where::kPool) job->run();
}

void Lane::complete(napi_env env, napi_status, void* data) {
  std::unique_ptr<Job> job(static_cast<Job*>(data));
  LanePtr lane = std::move(job->lane_);
  if (lane->where_ == Where::kInline) job->run();
  napi_delete_async_work(env, job->running_);
  if (job->goes_on() && !lane->state_->stopping) return lane->resume(std::move(job));
  bool goes_on = job->settle(env);
  // What the job holds goes before the next one begins.
  job.reset();
  if (!goes_on) lane->stop();
  lane->start_next();
}

// What has not begun is left undone, as when the process ends; handles are closed all the same.
void Lane::stop() {
  state_->stopping = true;
  waiting_.clear();
}

Napi::Value rejected(Napi::Env env, const Failure& failure) {
  auto deferred = Napi::Promise::Deferred::New(env);
  deferred.Reject(failure.to_js(env));
  return deferred.Promise();
}

}  // namespace cairn::node
