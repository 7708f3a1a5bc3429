// claude-relay account health: asks the running server, which alone knows it, as an administrator whose
// session ends with the command.
#include "app/commands/account_health.h"

#include "app/run_task.h"
#include "app/stores.h"
#include "async/blocking_pool.h"
#include "crypto/jwt.h"
#include "crypto/sha256.h"
#include "domain/identifier.h"
#include "fetch/curl_fetch.h"
#include "store/session_store.h"
#include "store/user_store.h"

#include <boost/json.hpp>

#include <array>
#include <chrono>
#include <iostream>
#include <string>

namespace relay {
namespace {

namespace json = boost::json;

constexpr std::chrono::minutes kSessionLasts{1};
constexpr std::size_t kAnswerBytesMax = std::size_t{4} << 20;

User an_admin(Stores& stores) {
  UserFilter admins{.status = UserStatus::active, .role = UserRole::admin};
  PageRequest first{.limit = 1};
  auto page = or_fail("cannot read the users", run_task(stores.users().list(std::move(admins), first)));
  if (page.items.empty()) throw CommandFailure("there is no active administrator to ask the server as");
  return std::move(page.items.front());
}

class OneQuestion {
 public:
  OneQuestion(CommandContext& context, const Settings& settings, Stores& stores)
      : context_(context), stores_(stores), user_(an_admin(stores)) {
    const auto now = context.clock.now();
    id_ = make_identifier("ses_", now, context.random);
    std::array<std::byte, 32> unknown{};
    context.random.fill(unknown);  // nobody has the refresh token
    Session session{.id = id_, .family_id = id_, .user_id = user_.id};
    session.refresh_hash =
        sha256_hex(std::string_view(reinterpret_cast<const char*>(unknown.data()), unknown.size()));
    session.created_at = session.last_used_at = now;
    session.expires_at = now + kSessionLasts;
    session.user_agent = "claude-relay account health";
    or_fail("cannot open a session", run_task(stores.sessions().insert(std::move(session))));
    const AccessClaims claims{.user_id = user_.id,
                              .session_id = id_,
                              .role = std::string(to_string(user_.role)),
                              .issued_at = now,
                              .expires_at = now + kSessionLasts};
    token_ = or_fail("cannot sign", AccessTokenSigner(settings.jwt_secret).sign(claims));
  }
  OneQuestion(const OneQuestion&) = delete;
  OneQuestion& operator=(const OneQuestion&) = delete;
  // What is not ended here has ended within a minute.
  ~OneQuestion() {
    static_cast<void>(run_task(stores_.sessions().revoke(user_.id, id_, context_.clock.now())));
  }

  json::value ask(const Settings& settings, const std::string& url) {
    BlockingPool pool(1, 1);
    CurlFetch fetch(
        pool,
        {.allow_private = true, .ca_file = settings.upstream_ca_file, .body_bytes_max = kAnswerBytesMax});
    FetchRequest request{.url = url + "/api/admin/accounts/health",
                         .headers = {{"authorization", "Bearer " + token_}}};
    auto answer = run_task(fetch.fetch(std::move(request)));
    pool.stop();
    const auto asked = or_fail("no server answers at " + url, std::move(answer));
    boost::system::error_code broken;
    auto body = json::parse(asked.body, broken);
    if (asked.status != 200 || broken || !body.is_object() || !body.as_object().contains("data"))
      throw CommandFailure(url + " answered with status " + std::to_string(asked.status));
    return std::move(body.as_object()["data"]);
  }

 private:
  CommandContext& context_;
  Stores& stores_;
  User user_;
  std::string id_;
  std::string token_;
};

std::string text_of(const json::object& object, std::string_view field) {
  const auto* value = object.if_contains(field);
  if (value == nullptr || value->is_null()) return "-";
  return value->is_string() ? std::string(value->as_string()) : json::serialize(*value);
}

void print(const json::value& accounts) {
  for (const auto& each : accounts.as_array()) {
    const auto& account = each.as_object();
    std::cout << text_of(account, "id") << "  " << text_of(account, "provider") << "  "
              << text_of(account, "state") << "  in flight " << text_of(account, "inFlight")
              << "  first byte " << text_of(account, "streamLatencyMs") << " ms  whole "
              << text_of(account, "answerLatencyMs") << " ms  spent today " << text_of(account, "spentToday")
              << " of " << text_of(account, "dailySpendCap") << " USD\n";
    for (const auto& rest_value : account.at("rests").as_array()) {
      const auto& rest = rest_value.as_object();
      const auto family = text_of(rest, "family");
      std::cout << "    rests for " << (family == "-" ? "all models" : family) << ": "
                << text_of(rest, "reason") << ", since " << text_of(rest, "since") << ", until "
                << text_of(rest, "until") << ", failures " << text_of(rest, "failures") << '\n';
    }
  }
}

}  // namespace

void print_account_health(CommandContext& context, std::string url) {
  auto settings = settings_for(context);
  if (url.empty()) {
    settings.public_url.clear();  // what is listened on, whatever it says
    url = settings.url(settings.port);
  }
  while (url.ends_with('/')) url.pop_back();
  const auto stores = open_current_stores(settings);
  print(OneQuestion(context, settings, *stores).ask(settings, url));
}

}  // namespace relay
