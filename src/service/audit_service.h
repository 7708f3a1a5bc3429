// The audit trail: every security-relevant act, kept in a chain that shows what was changed or taken away.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "domain/audit_action.h"
#include "service/device.h"
#include "store/audit_store.h"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace relay {

/// Names and texts: no secret, no e-mail address, nothing that must go when the person goes.
using AuditDetails = std::vector<std::pair<std::string, std::string>>;

/// What was done. Build it in a line of its own, then record it.
struct AuditAct {
  std::string_view action;  // of domain/audit_action.h
  std::string user_id{};    // whose account it was done to; empty: nobody's
  AuditActor actor_kind = AuditActor::user;
  std::string actor_id{};  // empty with actor_kind user: user_id
  AuditOutcome outcome = AuditOutcome::success;
  std::string target{};
  AuditDetails details{};
};

/// An act of the person whose account it is.
AuditAct act_of_user(std::string_view action, std::string user_id, std::string target = "");

/// What `audit verify` found.
struct AuditVerdict {
  std::int64_t entries = 0;  // that were read and hold
  /// Whose key is gone: an ENCRYPTION_KEY that is not among the present ones made their hashes. They are all
  /// there and in their order, as far as a later entry holds; nothing says that their words are the same.
  std::int64_t unproven = 0;
  std::int64_t first_unproven = 0, last_unproven = 0;
  AuditHead head;
  /// The first thing that is wrong; empty: the whole chain holds, but for what is unproven.
  std::string problem{};
  std::int64_t bad_sequence = 0;  // where; 0: the head itself
};

struct AuditState {
  std::size_t waiting = 0;    // entries that the store did not take yet
  std::int64_t unstored = 0;  // that found no room to wait: the log alone has them
};

/// Thread-safe.
class AuditService {
 public:
  struct Parts {  // all must outlive the service
    AuditStore& store;
    const AuditChain& chain;
    const Clock& clock;
    Random& random;
  };

  explicit AuditService(Parts parts) : parts_(parts) {}

  /// Durable when it returns. Always passes: an act that is done can't be undone for want of its entry. When
  /// the store does not take it the whole entry goes to the log as an error, and waits in memory to be stored
  /// before the next one.
  Task<> record(AuditAct act, Device device);

  /// Stores what waits. The store's errors.
  Task<> flush();

  /// What was done to the user's account, newest first. validation on `cursor`.
  Task<Page<AuditEntry>> list_own(std::string user_id, PageRequest page);
  Task<Page<AuditEntry>> list(AuditFilter filter, PageRequest page);

  /// Reads every entry. `known_hash`, when not empty, is the head of an earlier verdict that must still be in
  /// the chain: it shows that the whole store was put back to an earlier state.
  Task<AuditVerdict> verify(std::string known_hash);

  AuditState state() const;

 private:
  AuditEntry make_entry(AuditAct act, Device device);
  std::vector<AuditEntry> take_waiting();
  void keep_waiting(std::vector<AuditEntry> entries);
  std::int64_t take_gap();
  void give_gap_back(std::int64_t gap);
  Task<AuditVerdict> verify_from(AuditHead head, std::string known_hash);

  Parts parts_;
  mutable std::mutex mutex_;
  std::vector<AuditEntry> waiting_;
  std::int64_t unstored_ = 0;  // since the start
  std::int64_t gap_ = 0;       // of those, not yet told in the chain
};

}  // namespace relay
