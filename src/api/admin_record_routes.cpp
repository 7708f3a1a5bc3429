#include "api/admin_routes.h"
#include "api/audit_object.h"
#include "api/field_reader.h"
#include "api/key_usage_object.h"
#include "api/paging.h"
#include "api/plan_object.h"
#include "service/admin_service.h"
#include "service/audit_service.h"
#include "service/usage_service.h"

#include <algorithm>

namespace relay {
namespace {

struct SharesQueryFields {
  std::optional<std::string> from;
  std::optional<std::string> to;
  std::optional<std::string> group_by;  // user (default), key or model
  std::optional<Whole<1, 3'660>> days;
  std::optional<Whole<1, 1'000>> limit;
  std::optional<Text<0, 100>> user_id;
};
BOOST_DESCRIBE_STRUCT(SharesQueryFields, (), (from, to, group_by, days, limit, user_id))

struct ShareObject : UsageFigures {
  std::string name;  // a user's id, a key's id or a model
};
BOOST_DESCRIBE_STRUCT(ShareObject, (UsageFigures), (name))

struct SharesObject {
  WallTime from;
  WallTime to;
  std::string group_by;
  UsageFigures totals;              // of everything, also of what the limit cut off
  std::vector<ShareObject> shares;  // dearest first
};
BOOST_DESCRIBE_STRUCT(SharesObject, (), (from, to, group_by, totals, shares))

struct AuditListQuery : PageQuery {
  std::optional<Text<0, 100>> user_id;
  std::optional<Text<0, 100>> actor_id;
  std::optional<Text<0, 100>> action;
  std::optional<std::string> outcome;
  std::optional<std::string> from;
  std::optional<std::string> to;
};
BOOST_DESCRIBE_STRUCT(AuditListQuery, (PageQuery), (user_id, actor_id, action, outcome, from, to))

Result<UsageDimension> to_dimension(const std::string& word) {
  if (word == "user") return UsageDimension::user;
  if (word == "key") return UsageDimension::key;
  if (word == "model") return UsageDimension::model;
  return Error(ErrorKind::validation, "usage_query_invalid", "The query is not valid")
      .on_field("groupBy", "must be user, key or model");
}

std::optional<std::string> said_text(const std::optional<Text<0, 100>>& text) {
  if (!text || text->value.empty()) return std::nullopt;
  return text->value;
}

Task<Reply<SharesObject>> usage_shares(AdminRouteParts parts, SharesQueryFields query) {
  UsageRange range;
  FieldReader reader;
  read_moment(query.from, "from", range.from, reader);
  read_moment(query.to, "to", range.to, reader);
  const auto word = query.group_by.value_or("user");
  std::optional<UsageDimension> by;
  reader.take(to_dimension(word), by);
  CO_CHECK(std::move(reader).outcome());
  if (query.days) range.days = query.days->value;
  const int limit = query.limit ? static_cast<int>(query.limit->value) : 100;
  CO_TRY(auto answer, co_await parts.usages.shares(*by, said_text(query.user_id), range, limit));
  SharesObject object{.from = answer.query.from,
                      .to = answer.query.to,
                      .group_by = word,
                      .totals = to_figures(answer.shares.totals),
                      .shares = {}};
  for (const auto& share : answer.shares.shares) {
    ShareObject entry;
    static_cast<UsageFigures&>(entry) = to_figures(share.totals);
    entry.name = share.name;
    object.shares.push_back(std::move(entry));
  }
  Reply<SharesObject> reply{.data = std::move(object)};
  co_return reply;
}

Result<AuditFilter> to_audit_filter(const AuditListQuery& query) {
  AuditFilter filter;
  FieldReader reader;
  filter.user_id = said_text(query.user_id);
  filter.actor_id = said_text(query.actor_id);
  if (query.action) filter.action = query.action->value;
  read_moment(query.from, "from", filter.from, reader);
  read_moment(query.to, "to", filter.to, reader);
  if (query.outcome && !query.outcome->empty()) {
    auto outcome = parse_audit_outcome(*query.outcome);
    if (outcome.has_error()) {
      outcome = Error(ErrorKind::validation, "audit_query_invalid", "The query is not valid")
                    .on_field("outcome", "must be success or failure");
    }
    reader.take(std::move(outcome), filter.outcome);
  }
  CHECK(std::move(reader).outcome());
  return filter;
}

Task<Reply<std::vector<AuditObject>, NextPage>> list_audit(AuditService& audit, AuditListQuery query) {
  CO_TRY(auto filter, to_audit_filter(query));
  CO_TRY(auto found, co_await audit.list(std::move(filter), to_page_request(query)));
  Reply<std::vector<AuditObject>, NextPage> reply;
  for (const auto& entry : found.items) reply.data.push_back(to_audit_object(entry));
  reply.top = to_next_page(std::move(found.next_cursor));
  co_return reply;
}

Task<Reply<std::vector<PlanObject>>> list_plans(AdminService& admin) {
  CO_TRY(auto plans, co_await admin.list_plans());
  Reply<std::vector<PlanObject>> reply;
  for (const auto& plan : plans) reply.data.push_back(to_plan_object(plan));
  co_return reply;
}

Result<> check_plan_id(const std::string& id) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  if (id.size() <= 40 && std::ranges::all_of(id, is_allowed)) return ok;
  return Error(ErrorKind::validation, "plan_id_invalid", "The plan's id is not valid")
      .on_field("id", "must be 1 to 40 lower-case letters, digits, hyphens and underscores");
}

Task<Reply<PlanObject>> put_plan(AdminService& admin, Call call, PlanFields fields) {
  const auto id = call.path_values.at(0);
  CO_CHECK(check_plan_id(id));
  auto plan = co_await admin.find_plan(id);
  if (plan.has_error()) {
    if (plan.error().kind() != ErrorKind::not_found) co_return std::move(plan).error();
    plan = Plan{.id = id, .name = id};
  }
  CO_TRY(auto changed, apply_plan_fields(*std::move(plan), fields));
  CO_TRY(auto kept, co_await admin.put_plan(actor_of(call), std::move(changed)));
  Reply<PlanObject> reply{.data = to_plan_object(kept), .message = "Plan saved successfully"};
  co_return reply;
}

}  // namespace

std::vector<Route> admin_record_routes(AdminRouteParts parts) {
  std::vector<Route> routes;
  routes.push_back(make_route<SharesQueryFields, SharesObject>(
      admin_spec("GET", "/api/admin/usage", "adminGetUsage",
                 "What everybody used, by user, key or model, by whole days",
                 {{ErrorKind::validation, {"usage_query_invalid", "range_empty", "range_too_long"}}}),
      [parts](Call, SharesQueryFields query) { return usage_shares(parts, std::move(query)); }));
  routes.push_back(make_route<AuditListQuery, std::vector<AuditObject>, NextPage>(
      admin_spec("GET", "/api/admin/audit", "adminListAudit", "The audit trail, newest first",
                 {{ErrorKind::validation, {"audit_query_invalid", "usage_query_invalid", "cursor_invalid"}}}),
      [&audit = parts.audit](Call, AuditListQuery query) { return list_audit(audit, std::move(query)); }));
  routes.push_back(make_route<NoFields, std::vector<PlanObject>>(
      admin_spec("GET", "/api/admin/plans", "adminListPlans", "Every plan, by price", {}),
      [&admin = parts.admin](Call, NoFields) { return list_plans(admin); }));
  routes.push_back(make_route<PlanFields, PlanObject>(
      admin_spec("PUT", "/api/admin/plans/{id}", "adminPutPlan",
                 "Change a plan, or make one; what is not named stays. In force at once for everybody on it",
                 {{ErrorKind::validation,
                   {"plan_id_invalid", "amount_invalid", "budget_invalid", "rate_limit_invalid",
                    "permissions_invalid", "account_invalid"}}}),
      [&admin = parts.admin](Call call, PlanFields fields) {
        return put_plan(admin, std::move(call), std::move(fields));
      }));
  return routes;
}

}  // namespace relay
