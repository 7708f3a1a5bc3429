#include "store/redis/redis_outbox_store.h"

#include "store/redis/redis_database.h"
#include "store/redis/redis_row.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace relay {
namespace {

constexpr std::size_t kReasonMax = 500;

const RedisScript& outbox_script() {
  static const RedisScript script = store_script("outbox_store.lua");
  return script;
}

RedisWords change_of(const std::string& mail_id, const std::string& holder, const RedisFields& changes) {
  RedisWords words("change");
  words.add(mail_id).add(holder).add(changes);
  return words;
}

Result<OutgoingMail> to_mail(const RedisReply& reply, std::string& kind) {
  OutgoingMail mail;
  RedisRow row(reply);
  row.into("id", mail.id).into("kind", kind).into("user_id", mail.user_id).into("recipient", mail.recipient);
  row.into("details", mail.details).into("attempts", mail.attempts).into("created_at_ms", mail.created_at);
  CHECK(row.into("due_at_ms", mail.due_at).check());
  return mail;
}

}  // namespace

RedisFields mail_fields(const OutgoingMail& mail) {
  RedisFields fields;
  fields.set("id", mail.id).set("kind", to_string(mail.kind)).set("user_id", mail.user_id);
  fields.set("recipient", mail.recipient).set("details", mail.details).set("attempts", std::int64_t{0});
  fields.set("due_at_ms", mail.due_at).set("holder", "").set("lease_until_ms", std::int64_t{0});
  fields.set("last_error", "").set("created_at_ms", mail.created_at);
  return fields;
}

Task<> RedisOutboxStore::put(OutgoingMail mail) {
  RedisWords words("put");
  words.add(mail_fields(mail));
  CO_CHECK(co_await database_.run(outbox_script(), std::move(words)));
  co_return ok;
}

Task<std::vector<OutgoingMail>> RedisOutboxStore::claim(std::string holder, WallTime now,
                                                        WallTime lease_until, int limit) {
  RedisWords words("claim");
  words.add(holder).add(now).add(lease_until).add(limit);
  CO_TRY(const auto reply, co_await database_.run(outbox_script(), std::move(words)));
  std::vector<OutgoingMail> mails;
  for (const auto& row : reply.items) {
    std::string word;
    CO_TRY(auto mail, to_mail(row, word));
    const auto kind = parse_mail_kind(word);
    if (kind.has_value()) {
      mail.kind = *kind;
      mails.push_back(std::move(mail));
      continue;
    }
    // A newer version has put it there: that must not hold up the others.
    RedisFields changes;
    changes.set("given_up_at_ms", now).set("last_error", "unknown kind").set("holder", "");
    auto given_up = change_of(mail.id, holder, changes);
    CO_CHECK(co_await database_.run(outbox_script(), std::move(given_up)));
  }
  std::ranges::sort(mails, {}, [](const OutgoingMail& mail) { return std::tie(mail.due_at, mail.id); });
  co_return mails;
}

Task<> RedisOutboxStore::finish(std::string mail_id, std::string holder) {
  RedisWords words("finish");
  words.add(std::move(mail_id)).add(std::move(holder));
  CO_CHECK(co_await database_.run(outbox_script(), std::move(words)));
  co_return ok;
}

Task<> RedisOutboxStore::retry(std::string mail_id, std::string holder, WallTime due_at, std::string reason) {
  RedisFields changes;
  changes.set("due_at_ms", due_at).set("last_error", reason.substr(0, kReasonMax));
  changes.set("holder", "").set("lease_until_ms", std::int64_t{0});
  auto words = change_of(mail_id, holder, changes);
  CO_CHECK(co_await database_.run(outbox_script(), std::move(words)));
  co_return ok;
}

Task<> RedisOutboxStore::give_up(std::string mail_id, std::string holder, WallTime now, std::string reason) {
  RedisFields changes;
  changes.set("given_up_at_ms", now).set("last_error", reason.substr(0, kReasonMax));
  changes.set("recipient", "").set("details", "{}").set("holder", "").set("lease_until_ms", std::int64_t{0});
  auto words = change_of(mail_id, holder, changes);
  CO_CHECK(co_await database_.run(outbox_script(), std::move(words)));
  co_return ok;
}

Task<WallTime> RedisOutboxStore::next_due() {
  RedisWords words("next_due");
  CO_TRY(const auto reply, co_await database_.run(outbox_script(), std::move(words)));
  if (reply.text.empty()) co_return WallTime::max();
  CO_TRY(const auto due_ms, to_number(reply.text));
  co_return WallTime(std::chrono::milliseconds(due_ms));
}

Task<std::int64_t> RedisOutboxStore::delete_given_up(WallTime before) {
  RedisWords words("delete_given_up");
  words.add(before);
  return database_.repeat(outbox_script(), std::move(words), std::numeric_limits<std::int64_t>::max());
}

}  // namespace relay
