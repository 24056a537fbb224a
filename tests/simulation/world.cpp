#include "world.h"

#include <algorithm>
#include <iostream>

#include "core/value/key.h"
#include "support/batches.h"
#include "support/collections.h"

namespace cairn::simulation {

void Server::write(Random& random) {
  Entry entry;
  entry.truncates = random.chance(4);
  if (entry.truncates) rows_.clear();
  for (size_t n = 1 + random.below(3); n > 0; --n) {
    std::string key = "k" + std::to_string(random.below(14));
    bool deletes = random.chance(25);
    std::optional<int> value;
    if (!deletes) value = static_cast<int>(random.below(100));
    entry.changes.push_back({key, value});
    if (value) rows_[key] = *value;
    if (!value) rows_.erase(key);
  }
  log_.push_back(std::move(entry));
}

World::World(uint64_t seed, bool verbose)
    : seed_(seed),
      verbose_(verbose),
      random_(seed * 0x9e3779b97f4a7c15ull + 1),
      is_local_(random_.chance(30)),
      on_demand_(random_.chance(40)),
      most_instances_(1 + random_.below(4)) {
  if (seed % 16 == 7) folder_.emplace();
  database_ = open_database();
  CollectionOptions options;
  options.local = is_local_;
  collection_ = Collection::open(database_, kCollection, options);
  options.local = !is_local_;
  options.schema_version = 7;
  other_ = Collection::open(database_, "other", options);
  for (size_t i = random_.below(12); i > 0 && !is_local_; --i) server_.write(random_);
}

World::~World() {
  release_store();
  instances_.clear();
}

std::shared_ptr<Database> World::open_database() {
  if (!folder_ && database_ != nullptr) return database_;
  StoreOptions options;
  options.busy_timeout_ms = 0;
  options.background = false;
  if (!folder_)
    return std::make_shared<Database>(Store::open_memory(options), Durability::kDefault);
  options.path = *folder_ / "db";
  return std::make_shared<Database>(Store::open_file(options), Durability::kOs);
}

void World::fail(const std::string& what) {
  if (failure_.empty()) failure_ = "seed " + std::to_string(seed_) + ": " + what;
}

void World::log(const std::string& what) const {
  if (verbose_) std::cerr << now_ms_ << " " << what << "\n";
}

// What an application would not let through ends the run.
void World::guarded(const std::function<void()>& body) {
  try {
    body();
  } catch (const std::exception& error) {
    fail(std::string("an exception: ") + error.what());
  }
}

std::string World::run() {
  size_t steps = 150 + random_.below(250);
  for (size_t i = 0; i < steps && failure_.empty(); ++i) guarded([&] { step(); });
  if (failure_.empty()) guarded([&] { settle(); });
  if (failure_.empty()) guarded([&] { check_end(); });
  return failure_;
}

Instance* World::pick() {
  return instances_.empty() ? nullptr : instances_[random_.below(instances_.size())].get();
}

Instance* World::find(const std::string& node) {
  for (auto& instance : instances_)
    if (instance->node() == node) return instance.get();
  return nullptr;
}

void World::step() {
  if (instances_.empty() || (instances_.size() < most_instances_ && random_.chance(4))) start_one();
  Instance* instance = pick();
  switch (random_.below(40)) {
    case 0:
      return random_.chance(40) ? crash() : void();
    case 1:
      return random_.chance(30) ? reset() : void();
    case 2:
      return random_.chance(50) ? steal() : tell_lost();
    case 3:
      return random_.chance(50) ? hold_store() : void();
    case 4:
      return release_store();
    case 5:
      if (instance == nullptr || !random_.chance(20)) return;
      if (instance->runs()) return instance->stop();
      return instance->start();
    case 6:
    case 7:
    case 8:
      return grant();
    case 9:
    case 10:
      now_ms_ += static_cast<int64_t>(random_.below(random_.chance(10) ? 12000 : 400));
      for (auto& one : instances_) one->tick(now_ms_);
      return;
    case 11:
    case 12:
    case 13:
      return is_local_ ? void() : server_.write(random_);
    case 14:
    case 15:
    case 16:
    case 17:
    case 18:
      return deliver();
    default:
      if (instance != nullptr) act(*instance);
  }
}

// One thing that an instance does.
void World::act(Instance& instance) {
  switch (random_.below(12)) {
    case 0:
      if (on_demand_) instance.load_subset();
      break;
    case 1:
      if (on_demand_) instance.unload_subset();
      break;
    case 2:
      instance.answer_one();
      break;
    case 3:
    case 4:
    case 5:
      is_local_ ? instance.mutate() : instance.step_source();
      break;
    case 6:
      if (random_.chance(20)) instance.retry();
      break;
    default:
      instance.poll(1 + random_.below(6));
  }
  carry(instance);
  check_cursor();
}

// Does what an instance's coordinator asks for.
void World::carry(Instance& instance) {
  while (auto action = instance.coordinator().next_action()) {
    if (action->kind == CoordinatorAction::Kind::kElect) waiting_.insert(instance.node());
    if (action->kind == CoordinatorAction::Kind::kRelease) {
      waiting_.erase(instance.node());
      robbed_.erase(instance.node());
      if (holder_ == instance.node()) holder_.clear();
    }
    if (action->kind != CoordinatorAction::Kind::kSend) continue;
    for (auto& other : instances_) {
      if (other.get() == &instance) continue;
      if (!action->to.empty() && action->to != other->node()) continue;
      if (loses_ && random_.chance(6)) continue;
      network_.push_back({other->node(), instance.node(), action->message});
      if (loses_ && random_.chance(4)) network_.push_back(network_.back());
    }
  }
}

void World::deliver() {
  if (network_.empty()) return;
  size_t at = random_.chance(60) ? 0 : random_.below(network_.size());
  Packet packet = std::move(network_[at]);
  network_.erase(network_.begin() + static_cast<ptrdiff_t>(at));
  if (Instance* instance = find(packet.to)) instance->coordinator().receive(as_bytes(packet.bytes));
}

void World::start_one() {
  if (held_) return;  // it could not open the database
  std::string node = "node" + std::to_string(++names_);
  log(node + " starts");
  instances_.push_back(std::make_unique<Instance>(*this, node));
}

void World::crash() {
  if (instances_.empty()) return;
  size_t at = random_.below(instances_.size());
  std::string node = instances_[at]->node();
  log(node + " crashes");
  instances_.erase(instances_.begin() + static_cast<ptrdiff_t>(at));
  waiting_.erase(node);
  robbed_.erase(node);
  if (holder_ == node) holder_.clear();
  if (random_.chance(50))
    for (auto& instance : instances_) instance->coordinator().gone(node);
}

void World::grant() {
  if (!holder_.empty() || waiting_.empty()) return;
  auto next = std::next(waiting_.begin(), static_cast<ptrdiff_t>(random_.below(waiting_.size())));
  holder_ = *next;
  waiting_.erase(next);
  log(holder_ + " is elected");
  if (Instance* instance = find(holder_)) {
    instance->coordinator().elected(kCollection);
  } else {
    holder_.clear();
  }
}

// Somebody else gets the lock, and whoever had it does not know: it hangs, or its system does.
void World::steal() {
  if (holder_.empty() || waiting_.empty()) return;
  log(holder_ + " is robbed");
  robbed_.insert(std::exchange(holder_, {}));
  grant();
}

void World::tell_lost() {
  if (robbed_.empty()) return;
  std::string node = *robbed_.begin();
  robbed_.erase(node);
  if (Instance* instance = find(node)) instance->coordinator().lost(kCollection);
}

void World::hold_store() {
  if (held_) return;
  held_.emplace(database_->store().writer());
  if (folder_) database_->store().begin(**held_);
}

void World::release_store() {
  if (held_ && folder_) database_->store().rollback(**held_);
  held_.reset();
}

void World::reset() {
  if (held_ || is_local_) return;
  log("reset");
  collection_->reset();
  if (!collection_->metadata().entries.empty()) fail("a reset has left a cursor behind");
  check_cursor();
}

std::optional<size_t> World::cursor_of_file() {
  for (const MetadataEntry& entry : collection_->metadata().entries)
    if (entry.key == "cursor")
      return static_cast<size_t>(*unit::from_portable(*entry.value).get<double>());
  return std::nullopt;
}

// Until the next reset the cursor only goes on, whoever leads.
void World::check_cursor() {
  if (held_ || is_local_) return;
  Position position = collection_->position();
  std::optional<size_t> cursor = cursor_of_file();
  if (position.term < term_) fail("a term has gone back");
  if (position.reset_epoch == epoch_ && last_cursor_ && (!cursor || *cursor < *last_cursor_))
    fail("an older cursor has replaced a newer one");
  if (!cursor && !rows_of_file().empty()) fail("there are rows without their cursor");
  term_ = position.term;
  epoch_ = position.reset_epoch;
  last_cursor_ = cursor;
}

// All goes well from now on, until nothing is left to do.
void World::settle() {
  log("--- settles");
  release_store();
  loses_ = false;
  network_.clear();
  while (!robbed_.empty()) tell_lost();
  if (instances_.empty()) start_one();
  for (auto& instance : instances_)
    if (!instance->runs()) instance->start();
  for (int round = 0, quiet = 0; round < 400 && quiet < 3; ++round) {
    now_ms_ += 1000;
    for (auto& instance : instances_) instance->tick(now_ms_);
    quiet = settle_round() || round < 40 ? 0 : quiet + 1;
  }
  for (auto& instance : instances_) {
    if (instance->has_work()) fail(instance->node() + " has work without end");
    if (!instance->source_is_done()) fail(instance->node() + " has a source that does not end");
  }
}

// Whether something was still to be done.
bool World::settle_round() {
  bool busy = false;
  grant();
  for (auto& instance : instances_) {
    instance->answer_one();
    if (!is_local_) instance->step_source();
    for (int i = 0; i < 30 && instance->has_work(); ++i) instance->poll(10);
    busy |= instance->has_work() || !instance->source_is_done();
    carry(*instance);
    check_cursor();
    if (instance->failed()) instance->retry();
  }
  busy |= !network_.empty();
  while (!network_.empty()) deliver();
  for (auto& instance : instances_) instance->poll(1000);
  return busy;
}

std::map<std::string, std::string> World::rows_of_file() {
  std::map<std::string, std::string> rows;
  unit::MemoryShapes shapes;
  auto cursor = Cursor::load(collection_, {});
  for (CursorStep step = cursor->next(); step.batch; step = cursor->next())
    for (const unit::BatchRow& row : unit::read_batch(unit::bytes_of(*step.batch), shapes))
      rows[*row.key.get<std::string>()] =
          std::to_string(static_cast<int>(*row.value.front().second.get<double>()));
  return rows;
}

void World::check_end() {
  std::map<std::string, std::string> file = rows_of_file();
  if (!is_local_) {
    std::map<std::string, std::string> server;
    for (const auto& [key, value] : server_.rows()) server[key] = std::to_string(value);
    if (server != file) fail("the file has not what the server has");
  }
  check_ledger(file);
  for (auto& instance : instances_) check_front(*instance, file);
  CollectionInfo other = other_->info();
  if (other.state.schema_version != 7 || other.state.local == is_local_ || other.state.rows != 0)
    fail("another collection's settings were touched");
  if (!database_->check({}).problems.empty()) fail("the database is damaged");
}

void World::check_ledger(const std::map<std::string, std::string>& file) {
  std::set<std::string> removed;
  for (const auto& [id, entry] : ledger_.entries)
    if (entry.acknowledged && !entry.removes.empty()) removed.insert(entry.removes);
  for (const auto& [id, entry] : ledger_.entries) {
    bool is_there = file.contains(entry.key);
    if (entry.acknowledged && !removed.contains(entry.key) && !is_there &&
        !ledger_.being_removed.contains(entry.key))
      fail(id + " was acknowledged and is lost");
    if (removed.contains(entry.key) && is_there) fail(id + " was applied twice");
    if (entry.rejected && is_there) fail(id + " was rejected and is there");
  }
}

// An eager front has the file's rows. One that loads on demand has those of its subsets and those
// that its source has brought since it began, and none that is out of date.
void World::check_front(Instance& instance, const std::map<std::string, std::string>& file) {
  if (!instance.ready()) return fail(instance.node() + " never became ready");
  if (instance.failed()) return fail(instance.node() + " is still in its error state");
  if (instance.unanswered() != 0) fail(instance.node() + " has a mutation without an answer");
  const auto& rows = instance.front().rows();
  if (!on_demand_ && rows != file)
    return fail(instance.node() + " does not have what the file has");
  for (const auto& [key, value] : rows) {
    auto stored = file.find(key);
    if (stored == file.end() || stored->second != value)
      return fail(instance.node() + " has an old row " + key + ": " + value + ", not " +
                  (stored == file.end() ? "none" : stored->second));
  }
  for (const std::string& key : instance.brought())
    if (file.contains(key) && !rows.contains(key))
      return fail(instance.node() + " lacks " + key + ", which its source has brought");
  for (const auto& [id, which] : instance.subsets()) {
    std::vector<std::pair<int, std::string>> page;
    for (const auto& [key, value] : file)
      if (which % 2 == 0 || std::stoi(value) % 3 == 1) page.push_back({std::stoi(value), key});
    if (which >= 2) {
      // Ties are in the order of keys, whichever the direction is.
      std::stable_sort(page.begin(), page.end(), [&, by = which](const auto& a, const auto& b) {
        return by == 4 ? a.first > b.first : a.first < b.first;
      });
      if (which == 5)
        page.erase(page.begin(), page.begin() + std::min<ptrdiff_t>(2, std::ssize(page)));
      if (page.size() > 4) page.resize(4);
    }
    for (const auto& [value, key] : page)
      if (!rows.contains(key))
        return fail(instance.node() + " lacks " + key + " of subset " + std::to_string(which));
  }
}

}  // namespace cairn::simulation
