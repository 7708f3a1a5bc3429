#include "api/admin_routes.h"
#include "api/field_reader.h"
#include "api/key_object.h"
#include "api/key_list_query.h"
#include "api/paging.h"
#include "api/stated_errors.h"
#include "domain/upstream_account.h"
#include "service/admin_service.h"

namespace relay {
namespace {

struct AdminKeyListQuery : KeyListQuery {
  std::optional<Text<0, 100>> user_id;
};
BOOST_DESCRIBE_STRUCT(AdminKeyListQuery, (KeyListQuery), (user_id))

struct AdminKeyFields {
  std::optional<std::string> status;  // active or inactive
  Patch<std::string> account_group;
};
BOOST_DESCRIBE_STRUCT(AdminKeyFields, (), (status, account_group))

Result<ApiKeyChanges> to_admin_key_changes(const AdminKeyFields& fields) {
  ApiKeyChanges changes;
  FieldReader reader;
  if (fields.status) reader.take(to_active(*fields.status), changes.active);
  if (fields.account_group.clears()) changes.account_group = "";
  if (fields.account_group.sets()) {
    reader.take(parse_account_group(*fields.account_group.value, "accountGroup"), changes.account_group);
  }
  CHECK(std::move(reader).outcome());
  return changes;
}

Task<Reply<std::vector<KeyObject>, NextPage>> list_keys(AdminRouteParts parts, AdminKeyListQuery query) {
  CO_TRY(auto filter, to_key_filter(query));
  if (query.user_id && !query.user_id->value.empty()) filter.user_id = query.user_id->value;
  CO_TRY(auto found, co_await parts.admin.list_keys(std::move(filter), to_page_request(query)));
  Reply<std::vector<KeyObject>, NextPage> reply;
  for (const auto& key : found.items) reply.data.push_back(to_key_object(key, parts.clock.now()));
  reply.top = to_next_page(std::move(found.next_cursor));
  co_return reply;
}

Task<Reply<KeyObject>> find_key(AdminRouteParts parts, Call call) {
  CO_TRY(auto key, co_await parts.admin.find_key(std::move(call.path_values.at(0))));
  Reply<KeyObject> reply{.data = to_key_object(key, parts.clock.now())};
  co_return reply;
}

Task<Reply<KeyObject>> update_key(AdminRouteParts parts, Call call, AdminKeyFields fields) {
  CO_TRY(auto changes, to_admin_key_changes(fields));
  auto id = std::move(call.path_values.at(0));
  CO_TRY(auto key, co_await parts.admin.update_key(actor_of(call), std::move(id), std::move(changes)));
  Reply<KeyObject> reply{.data = to_key_object(key, parts.clock.now()),
                         .message = "API key updated successfully"};
  co_return reply;
}

Task<Reply<NoFields>> revoke_key(AdminRouteParts parts, Call call) {
  CO_CHECK(co_await parts.admin.revoke_key(actor_of(call), std::move(call.path_values.at(0))));
  Reply<NoFields> reply{.message = "API key deleted successfully"};
  co_return reply;
}

}  // namespace

std::vector<Route> admin_key_routes(AdminRouteParts parts) {
  std::vector<Route> routes;
  routes.push_back(make_route<AdminKeyListQuery, std::vector<KeyObject>, NextPage>(
      admin_spec("GET", "/api/admin/keys", "adminListKeys", "Everybody's API keys, newest first",
                 {{ErrorKind::validation, {"status_invalid", "cursor_invalid"}}}),
      [parts](Call, AdminKeyListQuery query) { return list_keys(parts, std::move(query)); }));
  routes.push_back(make_route<NoFields, KeyObject>(
      admin_spec("GET", "/api/admin/keys/{id}", "adminGetKey", "One API key", {kNoSuchKey}),
      [parts](Call call, NoFields) { return find_key(parts, std::move(call)); }));
  routes.push_back(make_route<AdminKeyFields, KeyObject>(
      admin_spec("PUT", "/api/admin/keys/{id}", "adminUpdateKey",
                 "Suspend an API key (inactive), or let it work again; or "
                 "tie it to a group of accounts",
                 {kNoSuchKey,
                  {ErrorKind::conflict, {"api_key_revoked"}},
                  {ErrorKind::validation, {"status_invalid", "account_invalid"}}}),
      [parts](Call call, AdminKeyFields fields) {
        return update_key(parts, std::move(call), std::move(fields));
      }));
  routes.push_back(make_route<NoFields, NoFields>(
      admin_spec("DELETE", "/api/admin/keys/{id}", "adminDeleteKey", "Revoke an API key at once and for ever",
                 {kNoSuchKey}),
      [parts](Call call, NoFields) { return revoke_key(parts, std::move(call)); }));
  return routes;
}

}  // namespace relay
