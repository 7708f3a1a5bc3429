#include "relay/phases.h"
#include "upstream/accounts_in_force.h"
#include "upstream/affinity.h"

namespace relay {
namespace {

// The session is the client's word, so it counts for this person only.
std::optional<std::uint64_t> conversation_of(const Exchange& exchange) {
  const auto person = spread_hash(exchange.key->user_id);
  const auto& session = exchange.session;
  for (const auto* word : {&session.session_id, &session.prompt_cache_key, &session.user_id}) {
    if (!word->empty()) return spread_hash(*word, person);
  }
  const auto prefix = cached_prefix_hash(exchange.json.root(), exchange.dialect);
  return prefix ? std::optional(*prefix ^ person) : std::nullopt;
}

}  // namespace

std::string_view group_of(const Exchange& exchange) { return exchange.key->account_group; }

void find_candidates(Exchange& exchange, AccountsView& accounts) {
  exchange.accounts = accounts.now();
  const auto kind = exchange.operation.kind;
  if (kind != RelayOperation::Kind::generate && kind != RelayOperation::Kind::count_tokens) return;
  exchange.candidates =
      accounts.candidates(provider_of(exchange.dialect), exchange.requested_model, group_of(exchange));
  if (exchange.candidates->size() > 1) exchange.conversation = conversation_of(exchange);
}

void pin_account(Exchange& exchange) {
  for (const auto& candidate : *exchange.candidates) {
    if (candidate.account->id != exchange.pinned_account) continue;
    exchange.candidates = std::make_shared<const CandidateList>(1, candidate);
    return;
  }
}

}  // namespace relay
