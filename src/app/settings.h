// What an operator can set: every environment variable, its default and its bounds, in one table.
#pragma once

#include "base/result.h"
#include "delivery/smtp_server.h"
#include "domain/model_pattern.h"
#include "domain/usage_record.h"
#include "observe/log.h"
#include "text/ip_address.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

class Random;

enum class DatabaseType { sqlite, mysql, redis };
enum class RelayEnvironment { development, test, production };
enum class PlaintextPasswordRule { automatic, always, never };  // automatic: from loopback or over TLS
enum class ResponsesWebSocket { off, bridge };                  // bridge: each message is a call of POST
enum class JournalSync { off, group };  // group: a power cut loses nothing, a few milliseconds a call

/// Plain data, checked: every member is within its bounds. Secrets are in clear text: never log it.
struct Settings {
  RelayEnvironment environment = RelayEnvironment::development;

  // Store.
  DatabaseType database_type = DatabaseType::sqlite;
  std::string data_dir;  // exists after load_settings
  std::string mysql_host, mysql_user, mysql_password, mysql_database, mysql_ssl_ca;
  std::uint16_t mysql_port = 0;
  std::size_t mysql_connections = 0;
  std::string redis_url;  // empty: nodes share what the store has, and no limits
  std::string redis_prefix, redis_ca_file;
  JournalSync journal_sync = JournalSync::off;
  bool blocks_unknown_models = false;   // those without a price
  std::uint64_t journal_bytes_max = 0;  // past it new calls are refused

  // Our own port.
  std::string host;                                // an address
  std::uint16_t port = 0;                          // 0: the kernel picks one
  std::string tls_certificate_file, tls_key_file;  // both or none
  std::size_t threads = 0;                         // I/O threads, at least 1
  std::vector<IpNetwork> trusted_proxies;
  std::vector<std::string> allowed_origins;  // "https://team.example"; "*" alone: any
  std::string public_url;                    // no slash at its end; empty: the address we listen on
  std::chrono::milliseconds head_timeout{}, body_timeout{}, idle_timeout{}, write_timeout{};
  std::size_t body_bytes_max = 0;
  std::size_t connections_max = 0;             // of the whole process
  std::size_t in_flight_max = 0;               // relayed calls of the whole process; past it 529
  std::chrono::milliseconds queue_wait_max{};  // for a slot; 0: refused at once
  std::size_t queue_length_max = 0;
  std::chrono::milliseconds drain_limit{}, handover_limit{};

  // People.
  std::string jwt_secret;                    // 32 bytes or more
  std::vector<std::string> encryption_keys;  // the first seals, all open; at least one
  PlaintextPasswordRule plaintext_passwords = PlaintextPasswordRule::automatic;
  std::int64_t auth_limit_per_address = 0;  // attempts a minute
  int bcrypt_cost = 0;
  SmtpServer smtp;         // no host: no mail is sent
  MailSender mail_sender;  // set when smtp is
  // Where people can sign in with; those with a client id.
  std::string github_client_id, github_client_secret, github_url, github_api_url;
  std::string google_client_id, google_client_secret;
  std::string oidc_issuer, oidc_client_id, oidc_client_secret, oidc_name;

  // Upstreams.
  std::string anthropic_api_key, anthropic_base_url;
  std::string openai_api_key, openai_base_url;
  ModelPatterns anthropic_models, openai_models;
  WireDialect openai_dialect = WireDialect::openai_responses;  // what calls of Messages become there
  bool openai_stream_usage = true;                             // streams are asked for what they used
  ResponsesWebSocket responses_websocket = ResponsesWebSocket::bridge;
  std::string upstream_ca_file;  // PEM, beside the system's authorities; empty: those alone
  bool allow_private_upstreams = false;
  std::chrono::milliseconds connect_timeout{}, first_byte_timeout{}, stream_idle_timeout{}, keep_alive{};
  std::chrono::milliseconds upstream_total_timeout{};  // of an attempt; 0: no limit
  int upstream_attempts_max = 0;                       // of a call
  int retry_budget_percent = 0;                        // of the calls that could be tried elsewhere
  std::chrono::milliseconds upstream_hedge_after{};    // 0: off
  std::chrono::milliseconds sse_keep_alive{};          // 0: off
  std::size_t idle_connections = 0;                    // kept for one upstream by one thread

  // Answers kept for calls that are the same.
  std::size_t cache_bytes_max = 0;  // 0: none are
  std::size_t cache_entry_bytes_max = 0;
  std::chrono::milliseconds cache_ttl{};

  // Watching it.
  std::string log_dir;
  LogLevel log_level = LogLevel::info;
  LogFormat log_format = LogFormat::text;
  std::string metrics_token;

  // Keeping it. 0: for ever.
  std::int64_t usage_retention_days = 0, audit_retention_days = 0, notification_retention_days = 0;
  std::int64_t session_retention_days = 0, deleted_retention_days = 0, log_retention_days = 0;
  std::chrono::milliseconds clean_up_interval{};

  /// Words for the operator about what is odd but no fault, e.g. an unknown name in .env.
  std::vector<std::string> warnings;
  /// The accounts above are a stand-in's, which gives way to any other: set by `serve`.
  bool has_stand_in = false;

  /// No account at a provider is configured: `serve` brings its own stand-in.
  bool has_no_upstream() const { return anthropic_api_key.empty() && openai_api_key.empty(); }
  bool has_mail_server() const { return !smtp.host.empty(); }
  /// Where people reach the relay: PUBLIC_URL, or else this machine on `port`. No slash at its end.
  std::string url(std::uint16_t listening_port) const;
  std::string database_path() const { return data_dir + "/relay.sqlite"; }
  std::string journal_path() const { return data_dir + "/journal"; }
};

using SettingTexts = std::map<std::string, std::string, std::less<>>;

/// One line of the table. All text has static storage.
struct SettingLine {
  std::string_view name;      // of the environment variable
  std::string_view fallback;  // as it would be written; empty: not set
  std::string_view meaning;   // one line of Markdown
};

/// Every setting there is, in the order of the README. README.md has the same table; a test compares.
std::span<const SettingLine> setting_lines();

/// The table in Markdown, as README.md has it.
std::string settings_as_markdown();

/// Checks `texts` (an empty text counts as not set). The secrets stay empty when they are not given.
/// validation "settings_invalid", with one field for each wrong variable that says how to mend it.
Result<Settings> parse_settings(const SettingTexts& texts);

/// The environment, then what stands in `env_file` only (no file: no matter), checked. Makes DATA_DIR, and
/// keeps a generated CLIENT_JWT_SECRET or ENCRYPTION_KEY there with mode 0600 when none is given. Errors as
/// parse_settings; unavailable "settings_unreadable" for files and folders.
Result<Settings> load_settings(const std::string& env_file, Random& random);

/// The same without touching the disk beyond reading `env_file`: secrets may stay empty. For doctor.
Result<Settings> read_settings(const std::string& env_file);

/// That a store of this kind can be opened, whatever DATABASE_TYPE says. Errors as parse_settings;
/// `chosen_by`
/// ("--to ") and the kind are what needs the missing one.
Result<> check_store_settings(const Settings& settings, DatabaseType type, const std::string& chosen_by);

}  // namespace relay
