// Everything that is kept about an account, as one document.
#pragma once

#include "api/audit_object.h"
#include "api/billing_object.h"
#include "api/key_object.h"
#include "api/key_usage_object.h"
#include "api/user_object.h"
#include "json/binding.h"
#include "service/account_service.h"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <vector>

namespace relay {

struct ExportedSession {
  std::string id;
  std::string address;
  std::string user_agent;
  WallTime created_at;
  WallTime last_used_at;
  WallTime expires_at;
};
BOOST_DESCRIBE_STRUCT(ExportedSession, (), (id, address, user_agent, created_at, last_used_at, expires_at))

struct ExportedIdentity {
  std::string id;
  std::string provider;
  std::string email;  // as the provider said last
  WallTime created_at;
  WallTime last_used_at;
};
BOOST_DESCRIBE_STRUCT(ExportedIdentity, (), (id, provider, email, created_at, last_used_at))

struct ExportedNotification {
  std::string id;
  std::string kind;
  std::string title;
  std::string body;
  boost::json::object data;
  WallTime created_at;
  std::optional<WallTime> read_at;
};
BOOST_DESCRIBE_STRUCT(ExportedNotification, (), (id, kind, title, body, data, created_at, read_at))

struct ExportedUsageRecord {
  std::string attempt_id;
  std::string request_id;
  std::string upstream_request_id;
  std::string message_id;
  std::string key_id;
  std::string model;
  std::string requested_model;
  bool streamed = false;
  bool estimated = false;
  bool completed = false;
  bool priced = true;
  bool cached = false;
  std::int64_t status = 0;
  TokenCounts tokens;
  std::string cost;    // USD as a decimal
  std::string charge;  // the same
  WallTime started_at;
  std::int64_t first_byte_ms = 0;
  std::int64_t duration_ms = 0;
  std::string client_address;
};
BOOST_DESCRIBE_STRUCT(ExportedUsageRecord, (),
                      (attempt_id, request_id, upstream_request_id, message_id, key_id, model,
                       requested_model, streamed, estimated, completed, priced, cached, status, tokens, cost,
                       charge, started_at, first_byte_ms, duration_ms, client_address))

struct ExportObject {
  WallTime exported_at;
  UserObject user;
  std::vector<KeyObject> keys;  // without their secrets: nobody has those
  std::vector<ExportedSession> sessions;
  std::vector<ExportedIdentity> identities;
  std::vector<UsagePointObject> usage;  // by day and model
  std::vector<ExportedUsageRecord> usage_records;
  std::vector<ExportedNotification> notifications;
  std::vector<BillingRecordObject> billing;
  std::vector<AuditObject> audit;
  std::vector<std::string> truncated;  // the members above that have more than fits
};
BOOST_DESCRIBE_STRUCT(ExportObject, (),
                      (exported_at, user, keys, sessions, identities, usage, usage_records, notifications,
                       billing, audit, truncated))

/// `profile` is the one of `account.user`.
ExportObject to_export_object(const AccountExport& account, const Profile& profile);

}  // namespace relay
