// The live state of one consumer of one collection: hydrates it, keeps its subsets fresh, saves
// what its source brings, and takes part in coordination. It has no thread, clock, timer or network
// of its own: events go in, effects come out by polling, and FRONT.md says what the consumer's
// front does with them. One thread at a time.
#pragma once

#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/collection/cursor.h"
#include "core/collection/transaction.h"
#include "core/coordination/coordinator.h"
#include "core/replica/source_rows.h"
#include "core/replica/subset_view.h"
#include "core/replica/types.h"

namespace cairn {

// A transaction of a replica's source, until it is saved.
struct SourceTransaction {
  uint64_t last_event = 0;
  bool truncate = false;
  std::vector<std::string> batches;
  std::vector<MetadataEntry> metadata;
  std::string id;
  std::string request_id;
  size_t bytes = 0;
};

class Replica {
 public:
  // Without a coordinator it is the only instance: it leads at once.
  Replica(std::shared_ptr<Collection> collection, std::shared_ptr<Coordinator> coordinator,
          ReplicaOptions options);
  ~Replica();
  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;

  // Takes an event; its work is done by next(). Throws kInvalidArgument for numbers that do not
  // rise, kMalformed, kWrongState; nothing has changed then.
  void handle(ReplicaEvent event);
  // Does some of the work, one batch of rows at most, and gives an effect, or nothing when there is
  // nothing to do before the next event, notice of the coordinator or tick. Failures are effects,
  // too; only what memory is lacking for is thrown.
  std::optional<ReplicaEffect> next();
  // Whether next() may have something to give.
  bool has_work() const;
  // How far the front's rows are, when it has taken all effects.
  const Position& known() const { return known_; }

 private:
  class Tap;

  // Local mutations that are committed, and confirmed when they are where they should be.
  struct Commitment {
    uint64_t event = 0;
    std::string id;
    std::vector<std::string> mutation_ids;
    bool requested = false;  // by another instance
    Position position;
    Durability durability = Durability::kDefault;
  };
  struct RemoteLoad {
    uint64_t subset_id = 0;
    std::string request_id;  // of another instance; empty for one of the front's subsets
    std::string subset;
  };
  struct Loaded {
    std::unique_ptr<SubsetView> view;
    std::vector<uint64_t> ids;
    bool ready = false;
  };
  // Something that is read step by step, in batches.
  struct Reading {
    enum class Kind : uint8_t { kEverything, kSubset, kSettle, kDelta, kReplace };
    Kind kind = Kind::kEverything;
    std::unique_ptr<RowTap> tap;
    std::unique_ptr<Cursor> cursor;
    SubsetView* view = nullptr;
    uint64_t seen = 0;
    uint64_t question = 0;    // the effect that waits for an answer
    bool own = false;         // a delta of nothing but what the front has written itself
    bool from_front = false;  // ... of that among others
    std::vector<SubsetView*> views_left;  // kReplace: after this one
    RowSet source_rows;                   // kReplace, without a view: those that came
    bool first = true;
  };

  // --- lifecycle (replica.cpp) ---
  void expect_fit(const ReplicaEvent& event) const;
  bool take_at_once(ReplicaEvent& event);
  void tick(int64_t now_ms);
  bool step();
  bool work();
  bool process_next();
  bool start_or_fail();
  void process(ReplicaEvent& event);
  void start(const ReplicaEvent& event);
  void stop();
  void forget();
  ReplicaEffect& give(fb::EffectKind kind);
  void give_error(const Error& error, uint64_t subset_id = 0);
  void fail(const Error& error);
  bool waits() const { return failed_ && now_ms_ < retry_ms_; }
  void recover();
  bool read_news();
  bool leads() const { return term_ != 0; }

  // --- reading (replica_reads.cpp) ---
  void load_subset(const ReplicaEvent& event);
  void unload_subset(const ReplicaEvent& event);
  Loaded* find_loaded(uint64_t subset_id);
  Loaded& loaded_of(const SubsetView* view);
  bool front_has(int64_t number) const;
  uint64_t last_in_file() const;
  uint64_t saved_events() const;
  Reading everything();
  void begin_view(Reading::Kind kind, SubsetView& view);
  void pull();
  void begin_replace();
  Reading source_rows();
  void note_position(const Position& position);
  void read_on();
  void read_again(const Reading& reading);
  void fail_reading(const Reading& reading, const Error& error);
  void give_batch(Table batch);
  void end_reading();
  void end_hydration();
  void loaded_are_ready();
  void end_delta();
  void end_view();
  void end_replace();
  void give_left(const std::vector<SubsetView::Left>& left);
  void ready(uint64_t subset_id, bool remote);
  void ensure_remote(const Loaded& loaded, uint64_t subset_id);
  bool settle_stale_view();

  // --- writing (replica_writes.cpp) ---
  void source_event(ReplicaEvent& event);
  void end_source_transaction(ReplicaEvent& event);
  bool save_next();
  void fail_to_save(const Error& error);
  void save(SourceTransaction& transaction);
  void committed(const CommitResult& result, bool own);
  void bound_unsaved();
  void restart_source();
  void mutate(const ReplicaEvent& event);
  void commit_mutations(Commitment commitment, Bytes batch, std::vector<MetadataEntry> metadata);
  void reject(const Commitment& commitment, const Error& error);
  void sync_commitments();
  bool confirm_all();

  // --- coordination (replica_leads.cpp) ---
  bool take_notice();
  bool lead_if_appointed();
  void begin_term();
  void stop_leading();
  void take_request(const Notice& notice);
  void take_reply(const Notice& notice);
  void ensure_for_others(const Notice& notice);
  void answer_delta(const Notice& notice);
  void answer_mutations(const Notice& notice);
  void answer_index(const Notice& notice);
  void ask_leader(const ReplicaEvent& event);
  void end_effect(const ReplicaEvent& event);
  void ensure_again();
  bool follows_source(const Position& position) const;
  void give_up_unsaved();

  std::shared_ptr<Collection> collection_;
  const bool alone_;  // its coordinator is nobody else's: it tells the time as well
  std::shared_ptr<Coordinator> coordinator_;
  const ReplicaOptions options_;
  const std::string run_;  // tells this replica's request ids from any other's

  bool started_ = false;
  uint64_t last_event_ = 0;
  std::deque<ReplicaEvent> queue_;
  std::deque<ReplicaEffect> effects_;
  uint64_t last_effect_ = 0;
  int64_t now_ms_ = 0;
  int64_t polled_ms_ = 0;

  // What the front has.
  Position known_;
  uint64_t handled_ = 0;        // the last event that was handled
  uint64_t included_ = 0;       // while it leads: the last event whose writes are in the file
  bool stale_ = false;          // there may be commits after `known_`
  uint64_t own_version_ = 0;    // of the last one that is the front's own; 0: none is
  bool owns_all_ = false;       // ... and so are all before it
  bool hydrated_ = false;       // eager: everything was loaded once
  bool needs_replace_ = false;  // a reading failed: only all of it tells what the front has to get
  std::list<Loaded> loaded_;
  SourceRows source_rows_;  // on demand
  std::optional<Reading> reading_;
  std::vector<SubsetView::Left> left_;  // found while a reading goes on

  // Writing.
  Position source_base_;       // what the source goes on from, with what it has brought since
  bool source_wrote_ = false;  // the front has rows of its source that were not saved as its own
  std::optional<SourceTransaction> building_;
  std::deque<SourceTransaction> unsaved_;
  size_t unsaved_bytes_ = 0;
  bool echoes_unsaved_ = false;   // the front may have older rows by now: it gets them back
  bool dropped_unsaved_ = false;  // there were too many: the source has to begin anew
  std::deque<Commitment> commitments_;
  bool synced_ = true;       // the commitments are where they should be
  uint64_t restarting_ = 0;  // the effect after whose end the source's events count again
  bool failed_ = false;
  bool cannot_read_ = false;  // what has failed is reading; else that goes on meanwhile
  int64_t retry_ms_ = 0;      // when to try again; INT64_MAX: when told to
  int64_t backoff_ms_ = 0;

  // Coordination.
  Coordinator::Member member_ = 0;
  bool appointed_ = false;                 // to lead; a term has to begin
  uint64_t term_ = 0;                      // 0: it does not lead
  std::map<uint64_t, RemoteLoad> remote_;  // what the source was asked for, by effect
  std::map<std::string, uint64_t> asked_;  // request id: subset id, 0 for one of the front's
  uint64_t last_request_ = 0;
  std::vector<uint64_t> arrived_;  // subsets that the leader has got; told of after the next pull
};

}  // namespace cairn
