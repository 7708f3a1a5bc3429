#include "api/account_routes.h"

#include "api/audit_object.h"
#include "api/billing_object.h"
#include "api/export_object.h"
#include "api/field_reader.h"
#include "api/key_usage_object.h"
#include "api/paging.h"
#include "api/sign_in_object.h"
#include "api/stated_errors.h"
#include "service/account_service.h"
#include "service/audit_service.h"
#include "service/profile_service.h"

namespace relay {
namespace {

struct EraseRequest {
  std::optional<std::string> encrypted_password;
  std::optional<std::string> nonce;
  std::optional<std::string> password;
};
BOOST_DESCRIBE_STRUCT(EraseRequest, (), (encrypted_password, nonce, password))

struct ExportQuery {
  std::optional<std::string> usage_before;  // RFC 3339, or a day as in 2026-01-31
};
BOOST_DESCRIBE_STRUCT(ExportQuery, (), (usage_before))

Task<Reply<std::vector<AuditObject>, NextPage>> list_audit(AuditService& audit, Call call, PageQuery query) {
  CO_TRY(auto found, co_await audit.list_own(std::move(call.user_id), to_page_request(query)));
  Reply<std::vector<AuditObject>, NextPage> reply;
  for (const auto& entry : found.items) reply.data.push_back(to_own_audit_object(entry));
  reply.top = to_next_page(std::move(found.next_cursor));
  co_return reply;
}

Task<Reply<AccountUsageObject>> account_usage(AccountService& accounts, Call call, UsageQueryFields query) {
  CO_TRY(auto range, to_usage_range(query));
  CO_TRY(auto usage, co_await accounts.usage(std::move(call.user_id), range));
  Reply<AccountUsageObject> reply{.data = to_account_usage_object(usage)};
  co_return reply;
}

Task<Reply<BillingObject>> billing(AccountService& accounts, Call call) {
  CO_TRY(auto summary, co_await accounts.billing(std::move(call.user_id)));
  Reply<BillingObject> reply{.data = to_billing_object(summary)};
  co_return reply;
}

Task<Reply<ExportObject>> export_account(AccountRouteParts parts, Call call, ExportQuery query) {
  std::optional<WallTime> before;
  FieldReader reader;
  read_moment(query.usage_before, "usageBefore", before, reader);
  CO_CHECK(std::move(reader).outcome());
  CO_TRY(auto account, co_await parts.accounts.export_all(actor_of(call), before));
  CO_TRY(auto profile, co_await parts.profiles.complete(account.user));
  Reply<ExportObject> reply{.data = to_export_object(account, profile)};
  reply.headers.push_back({"Content-Disposition", "attachment; filename=\"claude-relay-account.json\""});
  co_return reply;
}

Task<Reply<NoFields>> erase_account(AccountService& accounts, Call call, EraseRequest request) {
  const bool plaintext = !request.encrypted_password.has_value();
  PasswordFields password;
  password.encrypted = std::move(request.encrypted_password);
  password.nonce = std::move(request.nonce);
  password.plain = std::move(request.password);
  CO_CHECK(co_await accounts.erase(actor_of(call), std::move(password)));
  Reply<NoFields> reply{.message = "Account deleted successfully"};
  if (plaintext) reply.headers.push_back(plaintext_is_deprecated());
  co_return reply;
}

}  // namespace

std::vector<Route> account_routes(AccountRouteParts parts) {
  std::vector<Route> routes;
  routes.push_back(make_route<UsageQueryFields, AccountUsageObject>(
      {"GET",
       "/users/usage",
       Access::bearer,
       "getUsage",
       "What all of one's API keys have used",
       {kBadRange}},
      [&accounts = parts.accounts](Call call, UsageQueryFields query) {
        return account_usage(accounts, std::move(call), std::move(query));
      }));
  routes.push_back(make_route<NoFields, BillingObject>(
      {"GET", "/users/billing", Access::bearer, "getBilling",
       "Plan, balance, the current calendar month (UTC), and what was paid and charged"},
      [&accounts = parts.accounts](Call call, NoFields) { return billing(accounts, std::move(call)); }));
  routes.push_back(make_route<PageQuery, std::vector<AuditObject>, NextPage>(
      {"GET",
       "/users/audit",
       Access::bearer,
       "listAudit",
       "What was done to one's account: by whom, from where and how it ended, newest first",
       {{ErrorKind::validation, {"cursor_invalid"}}}},
      [&audit = parts.audit](Call call, PageQuery query) {
        return list_audit(audit, std::move(call), std::move(query));
      }));
  routes.push_back(make_route<ExportQuery, ExportObject>(
      {"GET",
       "/users/export",
       Access::bearer,
       "exportAccount",
       "Everything that is kept about one's account, without secrets; usageBefore goes on with older usage "
       "records",
       {{ErrorKind::validation, {"usage_query_invalid"}}}},
      [parts](Call call, ExportQuery query) {
        return export_account(parts, std::move(call), std::move(query));
      }));
  routes.push_back(make_route<EraseRequest, NoFields>(
      RouteSpec{"DELETE",
                "/users/account",
                Access::bearer,
                "deleteAccount",
                "Erase one's account for ever; needs the password again, in one of its two forms",
                {{ErrorKind::validation, {"password_required"}},
                 kPlaintextRefused,
                 kBadEncryption,
                 kWrongPassword,
                 {ErrorKind::conflict, {"last_admin"}},
                 kTooManyTries}}
          .sends("Deprecation"),
      [&accounts = parts.accounts](Call call, EraseRequest request) {
        return erase_account(accounts, std::move(call), std::move(request));
      }));
  return routes;
}

}  // namespace relay
