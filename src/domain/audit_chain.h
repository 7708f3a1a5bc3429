// What makes the audit trail one chain: keyed hashes, each over an entry and the hash before it.
#pragma once

#include "crypto/keyed_hash.h"
#include "domain/audit_entry.h"

#include <cstdint>
#include <string>
#include <vector>

namespace relay {

/// An entry with its place. Sequences are whole numbers without a gap, from the anchor's on.
struct ChainedEntry {
  std::int64_t sequence = 0;
  AuditEntry entry;
  std::string hash{};
};

/// Where the chain ends and where it begins. Kept beside it and sealed, so that a removed tail shows, and an
/// old beginning that was trimmed by the rules does not.
struct AuditHead {
  std::int64_t sequence = 0;  // of the newest entry; 0: there was never one
  std::string hash{};
  std::int64_t anchor_sequence = 0;  // entries up to this one were trimmed; 0: none
  std::string anchor_hash{};
  std::string seal{};
};

/// Who has only the store can't make a hash or a seal that holds. Immutable, thread-safe.
class AuditChain {
 public:
  /// From ENCRYPTION_KEY: the first secret makes, all check.
  explicit AuditChain(const std::vector<std::string>& secrets)
      : hash_(secrets, "claude-relay audit chain v1") {}

  /// The hash of an entry behind the one with hash `previous` (empty for the first), over all its fields.
  std::string link(std::string_view previous, std::int64_t sequence, const AuditEntry& entry) const;
  bool holds(std::string_view previous, const ChainedEntry& link) const;

  std::string seal(const AuditHead& head) const;
  bool holds(const AuditHead& head) const;

  /// Whether a secret of ours made it: an ENCRYPTION_KEY that was dropped can't check any more.
  bool knows_key_of(std::string_view hash) const { return hash_.knows_key_of(hash); }

 private:
  KeyedHash hash_;
};

}  // namespace relay
