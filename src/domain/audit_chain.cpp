#include "domain/audit_chain.h"

#include <initializer_list>

namespace relay {
namespace {

// The lengths keep apart what would read alike: ("ab", "c") and ("a", "bc").
std::string join(std::initializer_list<std::string_view> fields) {
  std::string text;
  for (const auto field : fields) text.append(std::to_string(field.size())).append(":").append(field);
  return text;
}

std::string text_of(std::string_view previous, std::int64_t sequence, const AuditEntry& entry) {
  const auto number = std::to_string(sequence);
  const auto created_at = std::to_string(entry.created_at.time_since_epoch().count());
  return join({"entry", previous, number, entry.id, to_string(entry.actor_kind), entry.actor_id,
               entry.user_id, entry.action, to_string(entry.outcome), entry.target, entry.address,
               entry.user_agent, entry.request_id, entry.details, created_at});
}

std::string text_of(const AuditHead& head) {
  const auto sequence = std::to_string(head.sequence);
  const auto anchor = std::to_string(head.anchor_sequence);
  return join({"head", sequence, head.hash, anchor, head.anchor_hash});
}

}  // namespace

std::string AuditChain::link(std::string_view previous, std::int64_t sequence,
                             const AuditEntry& entry) const {
  return hash_.of(text_of(previous, sequence, entry));
}

bool AuditChain::holds(std::string_view previous, const ChainedEntry& link) const {
  return hash_.is_right(link.hash, text_of(previous, link.sequence, link.entry));
}

std::string AuditChain::seal(const AuditHead& head) const { return hash_.of(text_of(head)); }

bool AuditChain::holds(const AuditHead& head) const { return hash_.is_right(head.seal, text_of(head)); }

}  // namespace relay
