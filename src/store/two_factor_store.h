// Where second factors are kept. Implementations: store/sql, store/redis. Contract: tests/store/.
#pragma once

#include "async/task.h"
#include "domain/two_factor.h"

#include <string>
#include <vector>

namespace relay {

/// All calls: unavailable when the store is away (never not_found), internal for a broken row.
/// Thread-safe; a call resumes on the io_context it was made from. A write is durable when it returns.
class TwoFactorStore {
 public:
  virtual ~TwoFactorStore() = default;

  /// Takes the place of one that was never confirmed. conflict "two_factor_on" when one was; not_found
  /// "user_unknown".
  virtual Task<> begin(TwoFactor two_factor) = 0;

  /// not_found "two_factor_unknown".
  virtual Task<TwoFactor> find(std::string user_id) = 0;

  /// Turns it on: `step` is used up, `recovery_hashes` are the codes. conflict "two_factor_on" when it is on
  /// already or `sealed_secret` is not what is set up any more: of two callers one wins.
  virtual Task<> confirm(std::string user_id, std::string sealed_secret, std::int64_t step,
                         std::vector<std::string> recovery_hashes, WallTime now) = 0;

  /// conflict "code_used" unless `step` is greater than every step before: of two callers one wins.
  virtual Task<> use_step(std::string user_id, std::int64_t step) = 0;

  /// Uses it up. not_found "recovery_code_unknown" for one that is not there or was used.
  virtual Task<> use_recovery_code(std::string user_id, std::string recovery_hash, WallTime now) = 0;

  /// The older ones are dead. not_found "two_factor_unknown" when it is not on.
  virtual Task<> replace_recovery_codes(std::string user_id, std::vector<std::string> recovery_hashes) = 0;

  /// The same secret under a newer key. False, and nothing is changed, when it is not `before` any more.
  virtual Task<bool> reseal(std::string user_id, std::string before, std::string after) = 0;

  /// With its recovery codes. Passes when there is none.
  virtual Task<> remove(std::string user_id) = 0;
};

}  // namespace relay
