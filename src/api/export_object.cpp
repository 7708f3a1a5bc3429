#include "api/export_object.h"

#include "domain/budget.h"

namespace relay {
namespace {

ExportedSession to_exported(const Session& session) {
  return {.id = session.id,
          .address = session.address,
          .user_agent = session.user_agent,
          .created_at = session.created_at,
          .last_used_at = session.last_used_at,
          .expires_at = session.expires_at};
}

ExportedIdentity to_exported(const Identity& identity) {
  return {.id = identity.id,
          .provider = identity.provider,
          .email = identity.email,
          .created_at = identity.created_at,
          .last_used_at = identity.last_used_at};
}

ExportedNotification to_exported(const Notification& notification) {
  return {.id = notification.id,
          .kind = notification.kind,
          .title = notification.title,
          .body = notification.body,
          .data = to_json_object(notification.data),
          .created_at = notification.created_at,
          .read_at = notification.read_at};
}

ExportedUsageRecord to_exported(const UsageRecord& record) {
  return {.attempt_id = record.attempt_id,
          .request_id = record.request_id,
          .upstream_request_id = record.upstream_request_id,
          .message_id = record.message_id,
          .key_id = record.key_id,
          .model = record.model,
          .requested_model = record.requested_model,
          .streamed = record.streamed,
          .estimated = record.estimated,
          .completed = record.outcome == AttemptOutcome::completed,
          .priced = record.priced,
          .cached = record.cached,
          .status = record.status,
          .tokens = to_token_counts(record.usage),
          .cost = to_usd(record.cost_nano_usd),
          .charge = to_usd(record.charge_nano_usd),
          .started_at = record.started_at,
          .first_byte_ms = record.first_byte_ms,
          .duration_ms = record.duration_ms,
          .client_address = record.client_address};
}

}  // namespace

ExportObject to_export_object(const AccountExport& account, const Profile& profile) {
  ExportObject object{.exported_at = account.made_at,
                      .user = to_user_object(profile),
                      .keys = {},
                      .sessions = {},
                      .identities = {},
                      .usage = {},
                      .usage_records = {},
                      .notifications = {},
                      .billing = {},
                      .audit = {},
                      .truncated = account.truncated};
  for (const auto& key : account.keys) object.keys.push_back(to_key_object(key, account.made_at));
  for (const auto& session : account.sessions) object.sessions.push_back(to_exported(session));
  for (const auto& identity : account.identities) object.identities.push_back(to_exported(identity));
  for (const auto& point : account.usage.series) object.usage.push_back(to_usage_point_object(point));
  for (const auto& record : account.usage_records) object.usage_records.push_back(to_exported(record));
  for (const auto& one : account.notifications) object.notifications.push_back(to_exported(one));
  for (const auto& record : account.billing) object.billing.push_back(to_billing_record_object(record));
  for (const auto& entry : account.audit) object.audit.push_back(to_own_audit_object(entry));
  return object;
}

}  // namespace relay
