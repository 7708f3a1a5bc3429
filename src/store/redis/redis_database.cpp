#include "store/redis/redis_database.h"

#include "store/redis/redis_refusal.h"
#include "store/redis/redis_row.h"

#include <algorithm>
#include <stdexcept>

namespace relay {
namespace {

// The client's own words are about Redis; the stores' are the same whatever stands behind them.
Error in_words_of_the_store(const Error& error) {
  auto cause = error.cause().empty() ? std::string(error.code()) : error.cause();
  if (error.kind() != ErrorKind::unavailable) return broken_store(std::move(cause));
  return Error(ErrorKind::unavailable, "store_unavailable", "The store is not available")
      .because(std::move(cause))
      .retry_in(std::chrono::seconds(1));
}

}  // namespace

std::string_view store_file(std::string_view name) {
  const auto files = embedded_redis_scripts();
  const auto found = std::ranges::find(files, name, &EmbeddedFile::name);
  if (found == files.end()) throw std::logic_error("no script " + std::string(name));
  return found->content;
}

RedisScript store_script(std::string_view name) { return store_script_of(store_file(name)); }

RedisScript store_script_of(std::string_view body) {
  std::string text(store_file("tables.lua"));
  text.append("\n").append(store_file("rows.lua")).append("\n").append(body);
  return RedisScript(std::move(text), RedisScript::Touches::keys_of_a_tag);
}

RedisDatabase::RedisDatabase(RedisClient& client, std::string prefix)
    : client_(client), prefix_(std::move(prefix)), tag_("{" + prefix_ + "}") {}

Task<RedisReply> RedisDatabase::run(const RedisScript& script, RedisWords words) {
  return run_under(tag_, script, std::move(words));
}

Task<> RedisDatabase::perform(const RedisScript& script, RedisWords words) {
  CO_CHECK(co_await run(script, std::move(words)));
  co_return ok;
}

Task<RedisReply> RedisDatabase::run_under(std::string tag, const RedisScript& script, RedisWords words) {
  std::vector<std::string> keys(1, std::move(tag));
  auto args = words.words();
  auto answer = co_await client_.run(script, std::move(keys), std::move(args));
  if (answer.has_error()) co_return in_words_of_the_store(answer.error());
  if (answer->is_error()) co_return refusal_of(answer->text);
  co_return *std::move(answer);
}

Task<std::vector<RedisReply>> RedisDatabase::list(const RedisScript& script, RedisWords words,
                                                  PagePlace place, int wanted) {
  std::vector<RedisReply> rows;
  auto score = std::to_string(place.created_at_ms);
  auto member = place.id;
  for (;;) {
    auto call = words;
    call.add(score).add(member).add(wanted - static_cast<int>(rows.size()));
    CO_TRY(auto reply, co_await run(script, std::move(call)));
    if (reply.items.empty()) co_return broken_store("a list without rows");
    auto& found = reply.items[0].items;
    std::ranges::move(found, std::back_inserter(rows));
    if (reply.items.size() < 3 || rows.size() >= static_cast<std::size_t>(wanted)) co_return rows;
    score = reply.items[1].text;
    member = reply.items[2].text;
  }
}

Task<std::int64_t> RedisDatabase::repeat(const RedisScript& script, RedisWords words, std::int64_t limit) {
  std::int64_t done = 0;
  std::string score = "-inf";
  std::string member;
  while (done < limit) {
    auto call = words;
    call.add(limit - done).add(score).add(member);
    CO_TRY(const auto reply, co_await run(script, std::move(call)));
    if (reply.items.empty()) co_return broken_store("a sweep without a number");
    done += reply.items[0].number;
    if (reply.items.size() < 3) co_return done;
    score = reply.items[1].text;
    member = reply.items[2].text;
  }
  co_return done;
}

}  // namespace relay
