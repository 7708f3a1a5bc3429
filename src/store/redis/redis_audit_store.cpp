#include "store/redis/redis_audit_store.h"

#include "store/redis/redis_database.h"
#include "store/redis/redis_row.h"

#include <algorithm>

namespace relay {
namespace {

// Each round somebody gets on: with many writers one may have to wait for as many rounds.
constexpr int kErasureRoundsMax = 100;
constexpr int kAuditPieceMax = 500;  // PIECE of rows.lua
constexpr int kTrimMax = 100;        // CHANGES of rows.lua

const RedisScript& audit_script() {
  static const RedisScript script = store_script("audit_store.lua");
  return script;
}

Result<AuditHead> to_head(const RedisReply& reply) {
  AuditHead head;
  RedisRow row(reply);
  if (row.is_empty()) return head;
  row.into("sequence", head.sequence)
      .into("row_hash", head.hash)
      .into("anchor_sequence", head.anchor_sequence);
  CHECK(row.into("anchor_hash", head.anchor_hash).into("seal", head.seal).check());
  return head;
}

Result<ChainedEntry> to_link(const RedisReply& reply) {
  ChainedEntry link;
  auto& entry = link.entry;
  std::string actor_kind;
  std::string outcome;
  RedisRow row(reply);
  row.into("id", entry.id).into("actor_kind", actor_kind).into("actor_id", entry.actor_id);
  row.into("user_id", entry.user_id).into("action", entry.action).into("outcome", outcome);
  row.into("target", entry.target).into("address", entry.address).into("user_agent", entry.user_agent);
  row.into("request_id", entry.request_id)
      .into("details", entry.details)
      .into("created_at_ms", entry.created_at);
  CHECK(row.into("sequence", link.sequence).into("row_hash", link.hash).check());
  TRY(entry.actor_kind, parse_audit_actor(actor_kind));
  TRY(entry.outcome, parse_audit_outcome(outcome));
  return link;
}

RedisFields head_fields(const AuditHead& head, const AuditChain& chain) {
  RedisFields fields;
  fields.set("id", "1").set("sequence", head.sequence).set("row_hash", head.hash);
  fields.set("anchor_sequence", head.anchor_sequence).set("anchor_hash", head.anchor_hash);
  fields.set("seal", chain.seal(head));
  return fields;
}

RedisFields link_fields(const AuditEntry& entry, std::int64_t sequence, const std::string& hash) {
  RedisFields fields;
  fields.set("sequence", sequence).set("id", entry.id).set("actor_kind", to_string(entry.actor_kind));
  fields.set("actor_id", entry.actor_id).set("user_id", entry.user_id).set("action", entry.action);
  fields.set("outcome", to_string(entry.outcome)).set("target", entry.target).set("address", entry.address);
  fields.set("user_agent", entry.user_agent)
      .set("request_id", entry.request_id)
      .set("details", entry.details);
  fields.set("created_at_ms", entry.created_at).set("row_hash", hash);
  return fields;
}

Error head_broken() {
  return Error(ErrorKind::internal, "audit_head_broken", "Internal error")
      .because("the head of the audit trail was changed or taken away: run claude-relay audit verify");
}

Error always_overtaken() {
  return Error(ErrorKind::unavailable, "store_unavailable", "The store is not available")
      .because("others wrote to the audit trail again and again");
}

}  // namespace

struct RedisAuditStore::State {
  AuditHead head;
  std::vector<std::int64_t> known;  // places, from 1 on, in rising order
};

Task<RedisAuditStore::State> RedisAuditStore::state(std::vector<std::string> ids) {
  RedisWords words("head");
  words.add(ids);
  CO_TRY(const auto reply, co_await database_.run(audit_script(), std::move(words)));
  if (reply.items.size() != 3) co_return broken_store("an answer to head");
  State state;
  CO_TRY(state.head, to_head(reply.items[0]));
  if (reply.items[0].items.empty() ? reply.items[1].number != 0 : !chain_.holds(state.head))
    co_return head_broken();
  for (const auto& place : reply.items[2].items) state.known.push_back(place.number);
  co_return state;
}

Task<> RedisAuditStore::append(std::vector<AuditEntry> entries) {
  std::vector<std::string> ids;
  for (const auto& entry : entries) ids.push_back(entry.id);
  for (int round = 0; round < kErasureRoundsMax; ++round) {
    CO_TRY(const auto before, co_await state(ids));
    auto head = before.head;
    std::vector<RedisFields> rows;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (std::ranges::binary_search(before.known, static_cast<std::int64_t>(i) + 1)) continue;
      // Twice in one call: the second is there already.
      if (std::find(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(i), ids[i]) !=
          ids.begin() + static_cast<std::ptrdiff_t>(i)) {
        continue;
      }
      head.hash = chain_.link(head.hash, head.sequence + 1, entries[i]);
      ++head.sequence;
      rows.push_back(link_fields(entries[i], head.sequence, head.hash));
    }
    if (rows.empty()) co_return ok;
    RedisWords words("append");
    words.add(before.head.seal).add(head_fields(head, chain_)).add(static_cast<std::int64_t>(rows.size()));
    for (const auto& row : rows) words.add(row);
    CO_TRY(const auto reply, co_await database_.run(audit_script(), std::move(words)));
    if (reply.number == 1) co_return ok;
  }
  co_return always_overtaken();
}

Task<Page<AuditEntry>> RedisAuditStore::list(AuditFilter filter, PageRequest page) {
  CO_TRY(auto place, parse_cursor(page.cursor));
  const int limit = held_limit(page);
  if (filter.to && filter.to->time_since_epoch().count() <= place.created_at_ms) {
    place = {.created_at_ms = filter.to->time_since_epoch().count(), .id = ""};
  }
  RedisWords words("list");
  if (filter.user_id) {
    words.add("user").add(*filter.user_id).add(filter.actor_id.value_or(""));
  } else if (filter.actor_id) {
    words.add("actor").add(*filter.actor_id).add("");
  } else {
    words.add("created").add("").add("");
  }
  words.add(filter.action).add(filter.outcome ? to_string(*filter.outcome) : std::string_view());
  if (filter.from) {
    words.add(*filter.from);
  } else {
    words.add("");
  }
  CO_TRY(const auto rows, co_await database_.list(audit_script(), std::move(words), place, limit + 1));
  std::vector<AuditEntry> entries;
  for (const auto& row : rows) {
    CO_TRY(auto link, to_link(row));
    entries.push_back(std::move(link.entry));
  }
  co_return to_page(std::move(entries), limit);
}

Task<AuditHead> RedisAuditStore::head() {
  RedisWords words("head");
  words.add(std::int64_t{0});
  CO_TRY(const auto reply, co_await database_.run(audit_script(), std::move(words)));
  if (reply.items.size() != 3) co_return broken_store("an answer to head");
  co_return to_head(reply.items[0]);
}

Task<std::vector<ChainedEntry>> RedisAuditStore::read_chain(std::int64_t sequence, int limit) {
  std::vector<ChainedEntry> links;
  while (std::ssize(links) < limit) {
    const auto wanted = std::min<std::int64_t>(limit - std::ssize(links), kAuditPieceMax);
    RedisWords words("chain");
    words.add(links.empty() ? sequence : links.back().sequence).add(wanted);
    CO_TRY(const auto reply, co_await database_.run(audit_script(), std::move(words)));
    for (const auto& row : reply.items) {
      CO_TRY(auto link, to_link(row));
      links.push_back(std::move(link));
    }
    if (std::ssize(reply.items) < wanted) break;
  }
  co_return links;
}

Task<std::int64_t> RedisAuditStore::trim(WallTime before, int limit) {
  std::int64_t gone = 0;
  std::vector<std::string> no_ids;
  for (int round = 0; round < kErasureRoundsMax && gone < limit; ++round) {
    CO_TRY(const auto state, co_await this->state(no_ids));
    const auto wanted = std::min<std::int64_t>(limit - gone, kTrimMax);
    RedisWords words("oldest");
    words.add(state.head.sequence).add(wanted);
    CO_TRY(const auto oldest, co_await database_.run(audit_script(), std::move(words)));
    // In the order of the chain, up to the first that is young enough.
    auto head = state.head;
    std::int64_t count = 0;
    for (std::size_t i = 0; i + 2 < oldest.items.size(); i += 3, ++count) {
      CO_TRY(const auto sequence, to_number(oldest.items[i].text));
      CO_TRY(const auto created_at_ms, to_number(oldest.items[i + 2].text));
      if (created_at_ms >= before.time_since_epoch().count()) break;
      head.anchor_sequence = sequence;
      head.anchor_hash = oldest.items[i + 1].text;
    }
    if (count == 0) break;
    RedisWords trimmed("trim");
    trimmed.add(state.head.seal).add(head_fields(head, chain_)).add(head.anchor_sequence);
    CO_TRY(const auto reply, co_await database_.run(audit_script(), std::move(trimmed)));
    if (reply.number < 0) continue;
    gone += reply.number;
    if (count < wanted) break;
  }
  co_return gone;
}

}  // namespace relay
