#include "service/free_username.h"

namespace relay {
namespace {

constexpr int kNamesTried = 100;

}  // namespace

Task<User> insert_under_free_name(UserStore& users, User user) {
  const auto wished = user.username.text();
  for (int number = 2;; ++number) {
    auto inserted = co_await users.insert(user);
    if (inserted.has_value()) co_return user;
    if (inserted.error().code() != "username_taken" || number > kNamesTried) {
      co_return std::move(inserted).error();
    }
    CO_TRY(user.username, Username::parse(wished + std::to_string(number)));
  }
}

}  // namespace relay
