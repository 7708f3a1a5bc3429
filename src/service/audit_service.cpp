#include "service/audit_service.h"

#include "domain/identifier.h"
#include "observe/log.h"
#include "text/utf8.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace relay {
namespace {

constexpr std::size_t kTextBytesMax = 512;
constexpr std::size_t kWaitingMax = 1'000;
constexpr int kChainPage = 1'000;
constexpr int kRestartsMax = 5;

// What stands in a list later: a browser's own words may be of any bytes.
std::string clean(std::string text) {
  text.resize(std::min(text.size(), kTextBytesMax));
  const bool is_text = is_utf8(text);
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !is_text)) c = '?';
  }
  return text;
}

std::string to_details(const AuditDetails& details) {
  boost::json::object object;
  for (const auto& [name, value] : details) object[name] = clean(value);
  return boost::json::serialize(object);
}

// The log is the one place left: with all that the entry has.
void log_unstored(const AuditEntry& entry, const Error& error) {
  log_error("audit", "an entry could not be stored",
            {{"id", entry.id},
             {"actor_kind", to_string(entry.actor_kind)},
             {"actor_id", entry.actor_id},
             {"user_id", entry.user_id},
             {"action", entry.action},
             {"outcome", to_string(entry.outcome)},
             {"target", entry.target},
             {"client_address", entry.address},
             {"user_agent", entry.user_agent},
             {"request_id", entry.request_id},
             {"details", entry.details},
             {"created_at_ms", entry.created_at.time_since_epoch().count()},
             {"reason", error.message()},
             {"cause", error.cause()}});
}

}  // namespace

AuditAct act_of_user(std::string_view action, std::string user_id, std::string target) {
  return {.action = action, .user_id = std::move(user_id), .target = std::move(target)};
}

AuditEntry AuditService::make_entry(AuditAct act, Device device) {
  const auto now = parts_.clock.now();
  auto actor_id = std::move(act.actor_id);
  if (actor_id.empty() && act.actor_kind == AuditActor::user) actor_id = act.user_id;
  return {.id = make_identifier("aud_", now, parts_.random),
          .actor_kind = act.actor_kind,
          .actor_id = std::move(actor_id),
          .user_id = std::move(act.user_id),
          .action = std::string(act.action),
          .outcome = act.outcome,
          .target = clean(std::move(act.target)),
          .address = std::move(device.address),
          .user_agent = clean(std::move(device.user_agent)),
          .request_id = std::move(device.request_id),
          .details = to_details(act.details),
          .created_at = now};
}

std::vector<AuditEntry> AuditService::take_waiting() {
  const std::lock_guard lock(mutex_);
  return std::exchange(waiting_, {});
}

// In front of what came meanwhile: the chain has them in their order.
void AuditService::keep_waiting(std::vector<AuditEntry> entries) {
  const std::lock_guard lock(mutex_);
  std::ranges::move(waiting_, std::back_inserter(entries));
  const auto kept = std::min(entries.size(), kWaitingMax);
  const auto lost = static_cast<std::int64_t>(entries.size() - kept);
  entries.resize(kept);
  waiting_ = std::move(entries);
  unstored_ += lost;
  gap_ += lost;
}

Task<> AuditService::record(AuditAct act, Device device) {
  auto entry = make_entry(std::move(act), std::move(device));
  auto entries = take_waiting();
  entries.push_back(entry);
  const auto outcome = co_await parts_.store.append(entries);
  if (outcome.has_error()) {
    keep_waiting(std::move(entries));
    log_unstored(entry, outcome.error());
  }
  co_return ok;
}

Task<> AuditService::flush() {
  auto entries = take_waiting();
  const auto gap = take_gap();
  if (gap > 0) {
    AuditAct act{.action = audit_action::kGap, .actor_kind = AuditActor::relay};
    act.details.emplace_back("entries", std::to_string(gap));
    entries.push_back(make_entry(std::move(act), Device{}));
  }
  if (entries.empty()) co_return ok;
  auto outcome = co_await parts_.store.append(entries);
  if (outcome.has_value()) co_return ok;
  if (gap > 0) {
    entries.pop_back();
    give_gap_back(gap);
  }
  keep_waiting(std::move(entries));
  co_return outcome;
}

std::int64_t AuditService::take_gap() {
  const std::lock_guard lock(mutex_);
  return std::exchange(gap_, 0);
}

void AuditService::give_gap_back(std::int64_t gap) {
  const std::lock_guard lock(mutex_);
  gap_ += gap;
}

Task<Page<AuditEntry>> AuditService::list_own(std::string user_id, PageRequest page) {
  AuditFilter filter;
  filter.user_id = std::move(user_id);
  return parts_.store.list(std::move(filter), std::move(page));
}

Task<Page<AuditEntry>> AuditService::list(AuditFilter filter, PageRequest page) {
  return parts_.store.list(std::move(filter), std::move(page));
}

Task<AuditVerdict> AuditService::verify(std::string known_hash) {
  for (int restart = 0;; ++restart) {
    CO_TRY(auto head, co_await parts_.store.head());
    CO_TRY(auto verdict, co_await verify_from(head, known_hash));
    if (verdict.problem.empty()) co_return verdict;
    // While it was read the chain may have been trimmed or gone on: then what was missed is looked at again.
    CO_TRY(auto now, co_await parts_.store.head());
    if (now.seal == head.seal || restart == kRestartsMax) co_return verdict;
  }
}

Task<AuditVerdict> AuditService::verify_from(AuditHead head, std::string known_hash) {
  AuditVerdict verdict{.head = head};
  const auto wrong = [&verdict](std::int64_t sequence, std::string problem) {
    verdict.bad_sequence = sequence;
    verdict.problem = std::move(problem);
    return verdict;
  };
  const auto entry_name = [](std::int64_t sequence) { return "entry " + std::to_string(sequence); };

  CO_TRY(auto oldest, co_await parts_.store.read_chain(std::numeric_limits<std::int64_t>::min(), 1));
  if (head.seal.empty()) {
    if (!oldest.empty()) co_return wrong(0, "the head of the trail was taken away");
    if (!known_hash.empty()) co_return wrong(0, "the trail is empty, and it was not");
    co_return verdict;
  }
  if (!parts_.chain.knows_key_of(head.seal)) {
    co_return wrong(0, "the head was sealed under an ENCRYPTION_KEY that is not among the present ones");
  }
  if (!parts_.chain.holds(head)) co_return wrong(0, "the head of the trail was changed");
  if (!oldest.empty() && oldest.front().sequence <= head.anchor_sequence) {
    co_return wrong(oldest.front().sequence,
                    entry_name(oldest.front().sequence) + " was put in before the beginning of the trail");
  }

  auto sequence = head.anchor_sequence;
  auto previous = head.anchor_hash;
  bool known = known_hash.empty() || known_hash == previous;
  while (true) {
    CO_TRY(auto links, co_await parts_.store.read_chain(sequence, kChainPage));
    for (const auto& link : links) {
      if (link.sequence > head.sequence) {
        CO_TRY(auto grown, co_await parts_.store.head());
        if (link.sequence > grown.sequence || !parts_.chain.holds(grown)) {
          co_return wrong(link.sequence,
                          entry_name(link.sequence) + " was put in behind the end of the trail");
        }
        head = grown;
        verdict.head = std::move(grown);
      }
      if (link.sequence != sequence + 1) {
        co_return wrong(sequence + 1, entry_name(sequence + 1) + " is missing");
      }
      // A hash with a made-up key shows at the next entry, which holds the one before it, or at the head.
      const bool is_proven = parts_.chain.knows_key_of(link.hash);
      if (is_proven && !parts_.chain.holds(previous, link)) {
        co_return wrong(link.sequence, entry_name(link.sequence) + " (" + link.entry.id +
                                           ") was changed, or moved from another place");
      }
      sequence = link.sequence;
      previous = link.hash;
      known = known || known_hash == previous;
      if (is_proven) {
        ++verdict.entries;
      } else {
        if (verdict.unproven++ == 0) verdict.first_unproven = sequence;
        verdict.last_unproven = sequence;
      }
    }
    if (links.size() < static_cast<std::size_t>(kChainPage)) break;
  }
  if (sequence < head.sequence) {
    co_return wrong(sequence + 1,
                    entry_name(sequence + 1) + " is missing: the end of the trail was taken away");
  }
  if (previous != head.hash)
    co_return wrong(sequence, entry_name(sequence) + " is not the one that the head names");
  if (!known)
    co_return wrong(0, "the head that was noted is not in the trail: it was put back to an earlier state");
  co_return verdict;
}

AuditState AuditService::state() const {
  const std::lock_guard lock(mutex_);
  return {.waiting = waiting_.size(), .unstored = unstored_};
}

}  // namespace relay
