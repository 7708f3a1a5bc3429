#include "api/key_routes.h"

#include "api/key_object.h"
#include "api/key_usage_object.h"
#include "api/key_list_query.h"
#include "api/paging.h"
#include "api/stated_errors.h"
#include "service/key_service.h"

namespace relay {
namespace {

constexpr const char* kCreated =
    "API key created successfully. Please save the key securely as it will not be shown again.";
constexpr const char* kRegenerated = "API key regenerated successfully. Please save the new key securely.";
constexpr const char* kUpdated = "API key updated successfully";
constexpr const char* kDeleted = "API key deleted successfully";

// A key with its secret, once.
struct NewKeyObject : KeyObject {
  std::string key;
};
BOOST_DESCRIBE_STRUCT(NewKeyObject, (KeyObject), (key))

struct NewKeyBeside {
  std::string key;
};
BOOST_DESCRIBE_STRUCT(NewKeyBeside, (), (key))

struct RegenerateRequest {
  std::optional<Whole<0, 604'800>> grace_period_seconds;
};
BOOST_DESCRIBE_STRUCT(RegenerateRequest, (), (grace_period_seconds))

struct VerifyRequest {
  std::optional<std::string> api_key;
};
BOOST_DESCRIBE_STRUCT(VerifyRequest, (), (api_key))

struct VerifiedKeyObject {
  std::string name;
  std::vector<std::string> permissions;
  std::string status;
  std::optional<WallTime> expires_at;
};
BOOST_DESCRIBE_STRUCT(VerifiedKeyObject, (), (name, permissions, status, expires_at))

struct Validity {
  bool valid = false;
};
BOOST_DESCRIBE_STRUCT(Validity, (), (valid))

using NewKeyReply = Reply<NewKeyObject, NewKeyBeside>;

NewKeyReply to_reply(const NewApiKey& made, WallTime now, int status, const char* message) {
  const std::string secret(made.secret.text());
  NewKeyObject object;
  static_cast<KeyObject&>(object) = to_key_object(made.key, now);
  object.key = secret;
  return {.status = status, .data = std::move(object), .top = {.key = secret}, .message = message};
}

Task<NewKeyReply> create_key(KeyService& keys, const Clock& clock, Call call, KeyFields fields) {
  CO_TRY(auto changes, to_key_changes(std::move(fields)));
  CO_TRY(auto made, co_await keys.create(actor_of(call), std::move(changes)));
  co_return to_reply(made, clock.now(), 201, kCreated);
}

Task<Reply<std::vector<KeyObject>, NextPage>> list_keys(KeyService& keys, const Clock& clock, Call call,
                                                        KeyListQuery query) {
  CO_TRY(auto filter, to_key_filter(query));
  auto page = to_page_request(query);
  CO_TRY(auto found, co_await keys.list(std::move(call.user_id), std::move(filter), std::move(page)));

  Reply<std::vector<KeyObject>, NextPage> reply;
  for (const auto& key : found.items) reply.data.push_back(to_key_object(key, clock.now()));
  reply.top = to_next_page(std::move(found.next_cursor));
  co_return reply;
}

Task<Reply<KeyObject>> find_key(KeyService& keys, const Clock& clock, Call call) {
  CO_TRY(auto key, co_await keys.find(std::move(call.user_id), std::move(call.path_values.at(0))));
  Reply<KeyObject> reply{.data = to_key_object(key, clock.now())};
  co_return reply;
}

Task<Reply<KeyObject>> update_key(KeyService& keys, const Clock& clock, Call call, KeyFields fields) {
  CO_TRY(auto changes, to_key_changes(std::move(fields)));
  CO_TRY(auto key,
         co_await keys.update(actor_of(call), std::move(call.path_values.at(0)), std::move(changes)));
  Reply<KeyObject> reply{.data = to_key_object(key, clock.now()), .message = kUpdated};
  co_return reply;
}

Task<Reply<NoFields>> delete_key(KeyService& keys, Call call) {
  CO_CHECK(co_await keys.revoke(actor_of(call), std::move(call.path_values.at(0))));
  Reply<NoFields> reply{.message = kDeleted};
  co_return reply;
}

Task<NewKeyReply> regenerate_key(KeyService& keys, const Clock& clock, Call call, RegenerateRequest request) {
  const std::chrono::seconds grace(request.grace_period_seconds ? request.grace_period_seconds->value : 0);
  CO_TRY(auto made, co_await keys.regenerate(actor_of(call), std::move(call.path_values.at(0)), grace));
  co_return to_reply(made, clock.now(), 200, kRegenerated);
}

Task<Reply<VerifiedKeyObject, Validity>> verify_key(KeyService& keys, const Clock& clock, Call call,
                                                    VerifyRequest request) {
  if (!request.api_key || request.api_key->empty()) {
    co_return Error(ErrorKind::validation, "api_key_required", "API key is required")
        .on_field("apiKey", "is required");
  }
  CO_TRY(auto verified, co_await keys.verify(*std::move(request.api_key), std::move(call.device)));
  const ApiKey& key = verified.key;
  VerifiedKeyObject object{.name = key.name.text(),
                           .permissions = key.permissions.words(),
                           .status = std::string(to_string(key.status_at(clock.now()))),
                           .expires_at = key.expires_at};
  Validity validity{.valid = verified.usable};
  Reply<VerifiedKeyObject, Validity> reply{.data = std::move(object), .top = validity};
  co_return reply;
}

Task<Reply<KeyUsageObject>> key_usage(KeyService& keys, Call call, UsageQueryFields query) {
  CO_TRY(auto range, to_usage_range(query));
  CO_TRY(auto usage, co_await keys.usage(std::move(call.user_id), std::move(call.path_values.at(0)), range));
  Reply<KeyUsageObject> reply{.data = to_key_usage_object(usage)};
  co_return reply;
}

const StatedError kBadKey{ErrorKind::validation,
                          {"name_required", "name_invalid", "permissions_invalid", "rate_limit_invalid",
                           "amount_invalid", "budget_invalid", "models_invalid", "ip_whitelist_invalid",
                           "expires_at_past", "tags_invalid", "metadata_too_large", "status_invalid"}};
const StatedError kNotInPlan{ErrorKind::forbidden, {"permission_not_in_plan"}};
const StatedError kRevoked{ErrorKind::conflict, {"api_key_revoked"}};

}  // namespace

std::vector<Route> key_routes(KeyService& keys, const Clock& clock) {
  std::vector<Route> routes;
  routes.push_back(make_route<KeyListQuery, std::vector<KeyObject>, NextPage>(
      {"GET",
       "/keys",
       Access::bearer,
       "listKeys",
       "One's own API keys, newest first",
       {{ErrorKind::validation, {"status_invalid", "cursor_invalid"}}}},
      [&keys, &clock](Call call, KeyListQuery query) {
        return list_keys(keys, clock, std::move(call), std::move(query));
      }));
  routes.push_back(make_route<KeyFields, NewKeyObject, NewKeyBeside>(
      RouteSpec{"POST",
                "/keys",
                Access::bearer,
                "createKey",
                "Make an API key; its secret is shown this once",
                {kBadKey, kNotInPlan, {ErrorKind::limit_exceeded, {"key_limit_reached"}}},
                201}
          .needs({"name"}),
      [&keys, &clock](Call call, KeyFields fields) {
        return create_key(keys, clock, std::move(call), std::move(fields));
      }));
  routes.push_back(make_route<VerifyRequest, VerifiedKeyObject, Validity>(
      RouteSpec{"POST",
                "/keys/verify",
                Access::open,
                "verifyKey",
                "Whether an API key is known, and may be used now",
                {{ErrorKind::validation, {"api_key_required"}},
                 {ErrorKind::unauthorized, {"api_key_unknown", "api_key_malformed"}},
                 {ErrorKind::too_many_requests, {"too_many_attempts"}}}}
          .needs({"apiKey"}),
      [&keys, &clock](Call call, VerifyRequest request) {
        return verify_key(keys, clock, std::move(call), std::move(request));
      }));
  routes.push_back(make_route<NoFields, KeyObject>(
      {"GET", "/keys/{id}", Access::bearer, "getKey", "One API key", {kNoSuchKey}},
      [&keys, &clock](Call call, NoFields) { return find_key(keys, clock, std::move(call)); }));
  routes.push_back(make_route<KeyFields, KeyObject>({"PUT",
                                                     "/keys/{id}",
                                                     Access::bearer,
                                                     "updateKey",
                                                     "Change an API key; what is not named stays",
                                                     {kBadKey, kNotInPlan, kNoSuchKey, kRevoked}},
                                                    [&keys, &clock](Call call, KeyFields fields) {
                                                      return update_key(keys, clock, std::move(call),
                                                                        std::move(fields));
                                                    }));
  routes.push_back(make_route<NoFields, NoFields>(
      {"DELETE",
       "/keys/{id}",
       Access::bearer,
       "deleteKey",
       "Revoke an API key at once and for ever",
       {kNoSuchKey}},
      [&keys](Call call, NoFields) { return delete_key(keys, std::move(call)); }));
  routes.push_back(make_route<RegenerateRequest, NewKeyObject, NewKeyBeside>(
      {"POST",
       "/keys/{id}/regenerate",
       Access::bearer,
       "regenerateKey",
       "A new secret, shown this once; the old one works for gracePeriodSeconds more",
       {kNoSuchKey, kRevoked}},
      [&keys, &clock](Call call, RegenerateRequest request) {
        return regenerate_key(keys, clock, std::move(call), std::move(request));
      }));
  routes.push_back(make_route<UsageQueryFields, KeyUsageObject>({"GET",
                                                                 "/keys/{id}/usage",
                                                                 Access::bearer,
                                                                 "getKeyUsage",
                                                                 "What an API key has used",
                                                                 {kNoSuchKey, kBadRange}},
                                                                [&keys](Call call, UsageQueryFields query) {
                                                                  return key_usage(keys, std::move(call),
                                                                                   std::move(query));
                                                                }));
  return routes;
}

}  // namespace relay
