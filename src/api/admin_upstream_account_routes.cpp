#include "api/admin_routes.h"
#include "api/upstream_account_object.h"
#include "service/upstream_account_service.h"

#include <utility>

namespace relay {
namespace {

const StatedError kNoSuchAccount{ErrorKind::not_found, {"account_unknown"}};
const StatedError kWrongAccount{ErrorKind::validation,
                                {"account_invalid", "address_not_public", "amount_invalid"}};

Task<Reply<std::vector<UpstreamAccountObject>>> list_accounts(UpstreamAccountService& accounts) {
  CO_TRY(auto all, co_await accounts.list());
  Reply<std::vector<UpstreamAccountObject>> reply;
  for (const auto& account : all) reply.data.push_back(to_upstream_account_object(account));
  co_return reply;
}

Task<Reply<UpstreamAccountObject>> find_account(UpstreamAccountService& accounts, Call call) {
  CO_TRY(auto account, co_await accounts.find(std::move(call.path_values.at(0))));
  Reply<UpstreamAccountObject> reply{.data = to_upstream_account_object(account)};
  co_return reply;
}

Task<Reply<UpstreamAccountObject>> create_account(UpstreamAccountService& accounts, Call call,
                                                  UpstreamAccountFields fields) {
  CO_TRY(auto draft, to_account_draft(std::move(fields)));
  CO_TRY(auto account, co_await accounts.create(actor_of(call), std::move(draft)));
  Reply<UpstreamAccountObject> reply{
      .status = 201, .data = to_upstream_account_object(account), .message = "Account added successfully"};
  co_return reply;
}

Task<Reply<UpstreamAccountObject>> update_account(UpstreamAccountService& accounts, Call call,
                                                  UpstreamAccountFields fields) {
  CO_TRY(auto draft, to_account_draft(std::move(fields)));
  auto id = std::move(call.path_values.at(0));
  CO_TRY(auto account, co_await accounts.update(actor_of(call), std::move(id), std::move(draft)));
  Reply<UpstreamAccountObject> reply{.data = to_upstream_account_object(account),
                                     .message = "Account updated successfully"};
  co_return reply;
}

Task<Reply<NoFields>> remove_account(UpstreamAccountService& accounts, Call call) {
  auto id = std::move(call.path_values.at(0));
  CO_CHECK(co_await accounts.remove(actor_of(call), std::move(id)));
  Reply<NoFields> reply{.message = "Account removed successfully"};
  co_return reply;
}

Task<Reply<AccountTrialObject>> try_account(UpstreamAccountService& accounts, Call call) {
  CO_TRY(auto trial, co_await accounts.try_out(std::move(call.path_values.at(0))));
  Reply<AccountTrialObject> reply;
  reply.data.passed = trial.passed;
  if (trial.status) reply.data.status = *trial.status;
  reply.data.result = std::move(trial.words);
  co_return reply;
}

RouteSpec adding_account() {
  auto spec = admin_spec("POST", "/api/admin/accounts", "adminAddAccount",
                         "Add an account at a provider; calls are spread over it within a second",
                         {kWrongAccount,
                          {ErrorKind::conflict, {"account_name_taken"}},
                          {ErrorKind::limit_exceeded, {"account_limit_reached"}}});
  spec.status = 201;
  return std::move(spec).needs({"name", "provider", "credential"});
}

}  // namespace

std::vector<Route> admin_upstream_account_routes(UpstreamAccountService& accounts) {
  std::vector<Route> routes;
  routes.push_back(make_route<NoFields, std::vector<UpstreamAccountObject>>(
      admin_spec("GET", "/api/admin/accounts", "adminListAccounts",
                 "The accounts at the providers: those of the settings, then those of the store", {}),
      [&accounts](Call, NoFields) { return list_accounts(accounts); }));
  routes.push_back(make_route<UpstreamAccountFields, UpstreamAccountObject>(
      adding_account(), [&accounts](Call call, UpstreamAccountFields fields) {
        return create_account(accounts, std::move(call), std::move(fields));
      }));
  routes.push_back(make_route<NoFields, UpstreamAccountObject>(
      admin_spec("GET", "/api/admin/accounts/{id}", "adminGetAccount", "One account at a provider",
                 {kNoSuchAccount}),
      [&accounts](Call call, NoFields) { return find_account(accounts, std::move(call)); }));
  routes.push_back(make_route<UpstreamAccountFields, UpstreamAccountObject>(
      admin_spec("PUT", "/api/admin/accounts/{id}", "adminUpdateAccount",
                 "Change an account; what is not named stays. Calls that run end as they began",
                 {kNoSuchAccount,
                  kWrongAccount,
                  {ErrorKind::conflict, {"account_name_taken", "account_of_settings"}}}),
      [&accounts](Call call, UpstreamAccountFields fields) {
        return update_account(accounts, std::move(call), std::move(fields));
      }));
  routes.push_back(make_route<NoFields, NoFields>(
      admin_spec("DELETE", "/api/admin/accounts/{id}", "adminDeleteAccount",
                 "Remove an account and its credential; calls that run end as they began",
                 {kNoSuchAccount, {ErrorKind::conflict, {"account_of_settings"}}}),
      [&accounts](Call call, NoFields) { return remove_account(accounts, std::move(call)); }));
  routes.push_back(make_route<NoFields, AccountTrialObject>(
      admin_spec("POST", "/api/admin/accounts/{id}/test", "adminTestAccount",
                 "Ask the provider for its models through an account, and say what came", {kNoSuchAccount}),
      [&accounts](Call call, NoFields) { return try_account(accounts, std::move(call)); }));
  return routes;
}

}  // namespace relay
