// The whole client API behind its router, spoken to in HTTP messages.
#pragma once

#include "api/account_routes.h"
#include "api/admin_routes.h"
#include "api/auth_routes.h"
#include "api/documentation_routes.h"
#include "api/email_routes.h"
#include "api/key_routes.h"
#include "api/link_routes.h"
#include "api/notification_routes.h"
#include "api/password_change_routes.h"
#include "api/router.h"
#include "api/service_routes.h"
#include "api/session_routes.h"
#include "api/two_factor_routes.h"
#include "api/user_routes.h"
#include "app/relayed_calls.h"
#include "service/services_under_test.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace relay::test {

struct Answer {
  int status = 0;
  std::vector<Header> headers;
  std::string text;
  boost::json::value body;

  std::string header(std::string_view name) const { return std::string(find_header(headers, name)); }
  /// A text at a JSON pointer; what stands there as JSON when it is none; "absent".
  std::string at(std::string_view pointer) const {
    boost::system::error_code ec;
    const auto* found = body.find_pointer({pointer.data(), pointer.size()}, ec);
    if (found == nullptr) return "absent";
    if (const auto* words = found->if_string()) return std::string(words->data(), words->size());
    return boost::json::serialize(*found);
  }
};

class ClientApiUnderTest : protected ServicesUnderTest {
 public:
  HttpRequest request(const std::string& method, const std::string& target, const std::string& body = "",
                      const std::string& token = "") {
    HttpRequest message{
        .method = method,
        .path = target.substr(0, target.find('?')),
        .query = target.find('?') == std::string::npos ? "" : target.substr(target.find('?') + 1),
        .headers = {{"Content-Type", "application/json"}, {"User-Agent", "test"}},
        .body = body,
        .request_id = "req_test",
        .client_address = "127.0.0.1",
        .is_tls = false,
        .is_loopback_peer = true};
    if (!token.empty()) message.headers.push_back({"Authorization", "Bearer " + token});
    return message;
  }
  Answer send(HttpRequest message) {
    auto answer = await(router.respond(std::move(message)));
    Answer read{.status = answer.status, .headers = answer.headers, .text = answer.body, .body = nullptr};
    boost::system::error_code ec;
    auto body = boost::json::parse(answer.body, ec);
    if (!ec) read.body = std::move(body);
    return read;
  }
  Answer get(const std::string& target, const std::string& token = "") {
    return send(request("GET", target, "", token));
  }
  Answer post(const std::string& target, const std::string& body, const std::string& token = "") {
    return send(request("POST", target, body, token));
  }
  Answer put(const std::string& target, const std::string& body, const std::string& token = "") {
    return send(request("PUT", target, body, token));
  }
  Answer remove(const std::string& target, const std::string& token = "") {
    return send(request("DELETE", target, "", token));
  }
  /// Registers somebody and returns the access token.
  std::string token_of(const std::string& name) {
    return ServicesUnderTest::a_user(name).tokens.access_token;
  }

 protected:
  Awaitable<std::vector<ReadinessCheck>> check_readiness() {
    std::vector<ReadinessCheck> checks{{.name = "store", .ready = ready, .detail = ""}};
    co_return checks;
  }
  std::vector<Route> all_routes() {
    auto routes = auth_routes({.auth = auth, .sessions = sessions, .profiles = profiles});
    for (auto& route : two_factor_routes({.two_factors = two_factors, .auth = auth, .profiles = profiles}))
      routes.push_back(std::move(route));
    for (auto& route : password_change_routes(password_changes)) routes.push_back(std::move(route));
    for (auto& route : email_routes(emails)) routes.push_back(std::move(route));
    for (auto& route : session_routes(sessions)) routes.push_back(std::move(route));
    for (auto& route : notification_routes(notifications)) routes.push_back(std::move(route));
    for (auto& route : key_routes(keys, clock)) routes.push_back(std::move(route));
    for (auto& route : user_routes(profiles)) routes.push_back(std::move(route));
    for (auto& route : account_routes({.accounts = accounts, .profiles = profiles, .audit = audit}))
      routes.push_back(std::move(route));
    const AdminRouteParts parts{
        .admin = admin, .profiles = profiles, .usages = usages, .audit = audit, .clock = clock};
    for (auto& route : admin_user_routes(parts)) routes.push_back(std::move(route));
    for (auto& route : admin_key_routes(parts)) routes.push_back(std::move(route));
    for (auto& route : admin_record_routes(parts)) routes.push_back(std::move(route));
    for (auto& route : admin_price_routes(prices, clock)) routes.push_back(std::move(route));
    for (auto& route :
         service_routes({.version = "1.2.3", .check_readiness = [this] { return check_readiness(); }})) {
      routes.push_back(std::move(route));
    }
    for (auto& route : link_routes()) routes.push_back(std::move(route));
    return with_documentation(std::move(routes), relayed_calls(), "1.2.3");
  }

  bool ready = true;
  Router router{all_routes(), sessions, {.allowed_origins = {"https://app.example.com"}}};
};

}  // namespace relay::test
