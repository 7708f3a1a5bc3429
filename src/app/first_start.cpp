#include "app/first_start.h"

#include "store/user_store.h"

#include <utility>

namespace relay {

Task<std::optional<FirstAdmin>> first_start(PeopleParts parts) {
  UserFilter everybody;
  PageRequest one{.limit = 1};
  CO_TRY(auto page, co_await parts.stores.users().list(std::move(everybody), std::move(one)));
  if (!page.items.empty()) co_return std::optional<FirstAdmin>();

  NewPerson person{.email = "admin@localhost", .username = "admin", .password = make_password(parts.random)};
  person.role = UserRole::admin;
  person.plan = "enterprise";
  auto password = person.password;
  auto made = co_await make_person(parts, std::move(person));
  if (made.has_error()) {
    // Two processes on one empty store: the other one shows its secrets.
    if (made.error().kind() == ErrorKind::conflict) co_return std::optional<FirstAdmin>();
    co_return std::move(made).error();
  }
  CO_TRY(auto key, co_await make_key(parts, made->id, "First key"));
  co_return FirstAdmin{
      .email = made->email.text(), .password = std::move(password), .key = std::move(key.secret)};
}

std::string curl_line(std::string_view key, std::string_view url) {
  return "curl " + std::string(url) + "/v1/messages -H 'content-type: application/json' " +
         "-H 'anthropic-version: 2023-06-01' -H 'x-api-key: " + std::string(key) +
         "' -d '{\"model\":\"claude-sonnet-5-5\",\"max_tokens\":64,"
         "\"messages\":[{\"role\":\"user\",\"content\":\"Say hello\"}]}'";
}

std::string first_start_notice(const FirstAdmin& admin, std::string_view url) {
  return "First start: an admin and a key were made. They are shown this once.\n\n"
         "  e-mail    " +
         admin.email +
         "\n"
         "  password  " +
         admin.password +
         "\n"
         "  API key   " +
         std::string(admin.key.text()) +
         "\n\n"
         "Try it:\n\n  " +
         curl_line(admin.key.text(), url) + "\n\n";
}

}  // namespace relay
