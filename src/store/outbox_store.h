// Where mails wait until they are sent. Implementations: store/sql, store/redis. Contract: tests/store/.
#pragma once

#include "async/task.h"
#include "domain/mail.h"

#include <cstdint>
#include <string>
#include <vector>

namespace relay {

/// A mail is sent by the one node that holds its lease. What was sent is deleted; what was given up stays,
/// with the reason, until it is cleaned up.
/// All calls: unavailable when the store is away (never not_found), internal for a broken row.
/// Thread-safe; a call resumes on the io_context it was made from. A write is durable when it returns.
class OutboxStore {
 public:
  virtual ~OutboxStore() = default;

  /// conflict "duplicate".
  virtual Task<> put(OutgoingMail mail) = 0;

  /// At most `limit` mails that are due and that nobody holds, the longest due first; from now on `holder`
  /// holds them until `lease_until`. Counts an attempt for each: the mails returned have it counted.
  virtual Task<std::vector<OutgoingMail>> claim(std::string holder, WallTime now, WallTime lease_until,
                                                int limit) = 0;

  /// Each: conflict "mail_not_held" when `holder` does not hold the mail (its lease ran out, and another took
  /// it).
  /// Sent, or no longer wanted: it is deleted.
  virtual Task<> finish(std::string mail_id, std::string holder) = 0;
  /// Due again at `due_at`; nobody holds it.
  virtual Task<> retry(std::string mail_id, std::string holder, WallTime due_at, std::string reason) = 0;
  /// Never again. The recipient's name and the details are forgotten, the reason is kept.
  virtual Task<> give_up(std::string mail_id, std::string holder, WallTime now, std::string reason) = 0;

  /// When the next mail is due that nobody holds then; far in the future when there is none. A cheap read.
  virtual Task<WallTime> next_due() = 0;

  /// Given up before `before`. Returns how many were deleted.
  virtual Task<std::int64_t> delete_given_up(WallTime before) = 0;
};

}  // namespace relay
