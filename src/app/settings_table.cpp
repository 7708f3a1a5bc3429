#include "app/settings_table.h"

#include "app/setting_text.h"
#include "redis/redis_client.h"

#include <algorithm>
#include <cctype>
#include <thread>
#include <utility>

namespace relay {
namespace {

using namespace std::chrono_literals;
using Milliseconds = std::chrono::milliseconds;

template <class T>
struct Choice {
  std::string_view word;
  T value;
};

template <class T, std::size_t n>
std::string choose(T& out, std::string_view text, const Choice<T> (&choices)[n]) {
  std::string words;
  for (const auto& choice : choices) {
    if (choice.word == text) {
      out = choice.value;
      return {};
    }
    words += (words.empty() ? "" : ", ") + std::string(choice.word);
  }
  return "must be one of " + words + ", not '" + std::string(text) + "'";
}

template <auto member>
std::string take_text(Settings& settings, std::string_view text) {
  settings.*member = std::string(text);
  return {};
}

template <auto member, std::int64_t least, std::int64_t most>
std::string take_number(Settings& settings, std::string_view text) {
  const auto parsed = whole_number(text, least, most);
  using Member = std::remove_reference_t<decltype(settings.*member)>;
  if (parsed.value) settings.*member = static_cast<Member>(*parsed.value);
  return parsed.wrong;
}

template <auto member, std::int64_t least_ms, std::int64_t most_ms>
std::string take_time(Settings& settings, std::string_view text) {
  const auto parsed = duration_text(text, Milliseconds(least_ms), Milliseconds(most_ms));
  if (parsed.value) settings.*member = *parsed.value;
  return parsed.wrong;
}

template <auto member, std::int64_t least, std::int64_t most>
std::string take_size(Settings& settings, std::string_view text) {
  const auto parsed = byte_count(text, least, most);
  using Member = std::remove_reference_t<decltype(settings.*member)>;
  if (parsed.value) settings.*member = static_cast<Member>(*parsed.value);
  return parsed.wrong;
}

template <auto member>
std::string take_truth(Settings& settings, std::string_view text) {
  const auto parsed = truth(text);
  if (parsed.value) settings.*member = *parsed.value;
  return parsed.wrong;
}

template <auto member>
std::string take_web_address(Settings& settings, std::string_view text) {
  auto parsed = web_address(text, {"http", "https"});
  if (parsed.value) settings.*member = *std::move(parsed.value);
  return parsed.wrong;
}

std::string take_environment(Settings& settings, std::string_view text) {
  return choose(settings.environment, text,
                {Choice<RelayEnvironment>{"development", RelayEnvironment::development},
                 {"test", RelayEnvironment::test},
                 {"production", RelayEnvironment::production}});
}

std::string take_database_type(Settings& settings, std::string_view text) {
  return choose(settings.database_type, text,
                {Choice<DatabaseType>{"sqlite", DatabaseType::sqlite},
                 {"mysql", DatabaseType::mysql},
                 {"redis", DatabaseType::redis}});
}

std::string take_host(Settings& settings, std::string_view text) {
  if (!IpAddress::parse(text)) {
    return "must be an address such as 127.0.0.1, 0.0.0.0 or ::1, not '" + std::string(text) + "'";
  }
  settings.host = std::string(text);
  return {};
}

std::string take_threads(Settings& settings, std::string_view text) {
  if (text == "auto") {
    settings.threads = std::max(1u, std::thread::hardware_concurrency());
    return {};
  }
  return take_number<&Settings::threads, 1, 256>(settings, text);
}

std::string take_jwt_secret(Settings& settings, std::string_view text) {
  settings.jwt_secret = std::string(text);
  return weakness_of_secret(text);
}

std::string take_encryption_key(Settings& settings, std::string_view text) {
  settings.encryption_keys = comma_list(text);
  for (const auto& key : settings.encryption_keys) {
    if (auto weakness = weakness_of_secret(key); !weakness.empty()) return weakness;
  }
  return settings.encryption_keys.empty() ? "has no key in it" : "";
}

template <auto member>
std::string take_models(Settings& settings, std::string_view text) {
  auto patterns = ModelPatterns::parse(comma_list(text));
  if (patterns.has_error() || patterns->patterns().empty())
    return "must be names of models or patterns such as claude-* between commas";
  settings.*member = *std::move(patterns);
  return {};
}

std::string take_openai_dialect(Settings& settings, std::string_view text) {
  return choose(
      settings.openai_dialect, text,
      {Choice<WireDialect>{"responses", WireDialect::openai_responses}, {"chat", WireDialect::openai_chat}});
}

std::string take_openai_stream_usage(Settings& settings, std::string_view text) {
  return choose(settings.openai_stream_usage, text, {Choice<bool>{"on", true}, {"off", false}});
}

std::string take_trusted_proxies(Settings& settings, std::string_view text) {
  for (const auto& part : comma_list(text)) {
    const auto network = IpNetwork::parse(part);
    if (!network)
      return "must be addresses or networks such as 10.0.0.0/8 between commas; '" + part + "' is not one";
    settings.trusted_proxies.push_back(*network);
  }
  return {};
}

std::string take_allowed_origins(Settings& settings, std::string_view text) {
  for (const auto& part : comma_list(text)) {
    if (part == "*") {
      settings.allowed_origins.push_back(part);
      continue;
    }
    auto origin = web_address(part, {"http", "https"});
    if (!origin.value || origin.value->find('/', origin.value->find("://") + 3) != std::string::npos) {
      return "must be origins such as https://team.example between commas; '" + part + "' is not one";
    }
    settings.allowed_origins.push_back(*std::move(origin.value));
  }
  return {};
}

std::string take_redis_url(Settings& settings, std::string_view text) {
  if (const auto url = parse_redis_url(text); url.has_error()) return url.error().fields().front().message;
  settings.redis_url = std::string(text);
  return {};
}

// It stands in hash tags, which end at a brace.
std::string take_redis_prefix(Settings& settings, std::string_view text) {
  const auto is_plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
  };
  if (text.size() > 64 || !std::ranges::all_of(text, is_plain)) {
    return "must be up to 64 letters, digits, - and _";
  }
  settings.redis_prefix = std::string(text);
  return {};
}

std::string take_smtp_url(Settings& settings, std::string_view text) {
  return parse_smtp_url(text, settings.smtp);
}

std::string take_smtp_from(Settings& settings, std::string_view text) {
  return parse_mail_sender(text, settings.mail_sender);
}

std::string take_smtp_ca_file(Settings& settings, std::string_view text) {
  settings.smtp.ca_file = std::string(text);
  return {};
}

std::string take_plaintext_passwords(Settings& settings, std::string_view text) {
  return choose(settings.plaintext_passwords, text,
                {Choice<PlaintextPasswordRule>{"auto", PlaintextPasswordRule::automatic},
                 {"true", PlaintextPasswordRule::always},
                 {"false", PlaintextPasswordRule::never}});
}

std::string take_journal_sync(Settings& settings, std::string_view text) {
  return choose(settings.journal_sync, text,
                {Choice<JournalSync>{"off", JournalSync::off}, {"group", JournalSync::group}});
}

std::string take_responses_websocket(Settings& settings, std::string_view text) {
  return choose(
      settings.responses_websocket, text,
      {Choice<ResponsesWebSocket>{"off", ResponsesWebSocket::off}, {"bridge", ResponsesWebSocket::bridge}});
}

std::string take_unknown_model(Settings& settings, std::string_view text) {
  return choose(settings.blocks_unknown_models, text, {Choice<bool>{"record", false}, {"block", true}});
}

std::string take_log_level(Settings& settings, std::string_view text) {
  return choose(settings.log_level, text,
                {Choice<LogLevel>{"trace", LogLevel::trace},
                 {"debug", LogLevel::debug},
                 {"info", LogLevel::info},
                 {"warn", LogLevel::warning},
                 {"error", LogLevel::error},
                 {"off", LogLevel::off}});
}

std::string take_log_format(Settings& settings, std::string_view text) {
  return choose(settings.log_format, text,
                {Choice<LogFormat>{"text", LogFormat::text}, {"json", LogFormat::json}});
}

constexpr std::int64_t kSecond = 1'000, kHour = 3'600'000, kKilobyte = 1 << 10, kGigabyte = 1 << 30;
constexpr std::int64_t kDaysMost = 36'500;
using S = Settings;

// clang-format off
const SettingRule kRules[] = {
    {{"ANTHROPIC_API_KEY", "", "The Anthropic account's key. With no provider key at all, `serve` starts a stand-in provider"},
     take_text<&S::anthropic_api_key>},
    {{"ANTHROPIC_BASE_URL", "https://api.anthropic.com", "Where Anthropic's API is"},
     take_web_address<&S::anthropic_base_url>},
    {{"OPENAI_API_KEY", "", "The OpenAI account's key"}, take_text<&S::openai_api_key>},
    {{"OPENAI_BASE_URL", "https://api.openai.com", "Where OpenAI's API is, with or without `/v1`"},
     take_web_address<&S::openai_base_url>},
    {{"ANTHROPIC_MODELS", "claude*", "Models of the Anthropic account, names and `*` patterns between commas. A call for one of them in OpenAI's dialects is translated; `none`: never"},
     take_models<&S::anthropic_models>},
    {{"OPENAI_MODELS", "gpt*,chatgpt*,codex*,o1*,o3*,o4*", "Models of the OpenAI account, likewise"},
     take_models<&S::openai_models>},
    {{"OPENAI_DIALECT", "responses", "What Messages calls for its models become: `responses`, or `chat` for a compatible server that has only Chat Completions"},
     take_openai_dialect},
    {{"OPENAI_STREAM_USAGE", "on", "Chat and Completions streams are asked for what they used (`stream_options`); `off` for a compatible server that refuses that: usage is then estimated, and marked so"},
     take_openai_stream_usage},
    {{"RESPONSES_WEBSOCKET", "bridge", "The WebSocket form of OpenAI Responses: `bridge` makes each of its messages a call of POST upstream; `off` answers 426 at once"},
     take_responses_websocket},
    {{"UNKNOWN_MODEL", "record", "A model without a price: `record` takes the call, records it as unpriced and warns; `block` refuses it with 404"},
     take_unknown_model},
    {{"UPSTREAM_CA_FILE", "", "PEM file with authorities to trust beside the system's, for upstreams"},
     take_text<&S::upstream_ca_file>},
    {{"ALLOW_PRIVATE_UPSTREAMS", "false", "Sign-in providers may be at private addresses and without TLS, and accounts of the store (and their proxies) at private addresses. Base URLs set here may be anywhere"},
     take_truth<&S::allow_private_upstreams>},

    {{"CLIENT_API_HOST", "127.0.0.1", "Address to listen on; `0.0.0.0` for all"}, take_host},
    {{"CLIENT_API_PORT", "3001", "Port to listen on; 0 takes any free one"}, take_number<&S::port, 0, 65535>},
    {{"TLS_CERT_FILE", "", "PEM certificate with its chain: serve TLS. Together with TLS_KEY_FILE"},
     take_text<&S::tls_certificate_file>},
    {{"TLS_KEY_FILE", "", "PEM key of that certificate"}, take_text<&S::tls_key_file>},
    {{"PUBLIC_URL", "", "How browsers reach the relay, for sign-in providers and links in mail; else the address it listens on"}, take_web_address<&S::public_url>},
    {{"ALLOWED_ORIGINS", "", "Web origins that may call the client API, between commas; `*` for any"},
     take_allowed_origins},
    {{"TRUSTED_PROXIES", "", "Addresses or networks whose X-Forwarded-For is believed, between commas"},
     take_trusted_proxies},
    {{"RELAY_THREADS", "auto", "I/O threads; `auto` is one for each core"}, take_threads},
    {{"RELAY_ENV", "development", "`development`, `test` or `production`; `seed` refuses to run in production"},
     take_environment},

    {{"DATABASE_TYPE", "sqlite", "Where data is kept: `sqlite`, `mysql` (MySQL 8, MariaDB 10.6 and newer) or `redis` (7 and newer, with appendonly; at REDIS_URL)"}, take_database_type},
    {{"DATA_DIR", "data", "Folder of the database, the usage journal and generated secrets"}, take_text<&S::data_dir>},
    {{"MYSQL_HOST", "127.0.0.1", "The MySQL or MariaDB server"}, take_text<&S::mysql_host>},
    {{"MYSQL_PORT", "3306", "Its port"}, take_number<&S::mysql_port, 1, 65535>},
    {{"MYSQL_USER", "", "The account: all privileges on its database, EVENT among them"}, take_text<&S::mysql_user>},
    {{"MYSQL_PASSWORD", "", "Its password"}, take_text<&S::mysql_password>},
    {{"MYSQL_DATABASE", "", "The database; made when it is missing and the account may"}, take_text<&S::mysql_database>},
    {{"MYSQL_SSL_CA", "", "File with the CA of the server's certificate (PEM): TLS, which is checked"},
     take_text<&S::mysql_ssl_ca>},
    {{"MYSQL_CONNECTION_LIMIT", "10", "Connections of this node, 2 or more"}, take_number<&S::mysql_connections, 2, 1000>},
    {{"REDIS_URL", "", "What several nodes share (limits, sign-in steps, news of changes): `redis[s]://[[user][:password]@]host[:port][/database]`. Without it each node keeps limits for itself"},
     take_redis_url},
    {{"REDIS_PREFIX", "relay", "What every key and channel in it begins with; the same on all nodes"}, take_redis_prefix},
    {{"REDIS_CA_FILE", "", "PEM file with authorities to trust beside the system's, for Redis"}, take_text<&S::redis_ca_file>},
    {{"JOURNAL_SYNC", "off", "`group`: usage survives a power cut too, for a few milliseconds a call"}, take_journal_sync},
    {{"JOURNAL_MAX", "1GB", "Usage not yet in the store; past it new calls are refused"},
     take_size<&S::journal_bytes_max, 16 * kKilobyte * kKilobyte, 1024 * kGigabyte>},

    {{"CLIENT_JWT_SECRET", "", "Signs access tokens, 32 characters or more; else made once and kept in DATA_DIR"},
     take_jwt_secret},
    {{"ENCRYPTION_KEY", "", "Seals secrets at rest; to rotate, put the new key in front with a comma; else made once and kept in DATA_DIR"},
     take_encryption_key},
    {{"ALLOW_PLAINTEXT_PASSWORDS", "auto", "Passwords that the browser did not encrypt: `auto` (from loopback or over TLS), `true`, `false`"},
     take_plaintext_passwords},
    {{"AUTH_LIMIT_PER_ADDRESS", "30", "Sign-in attempts a minute from one address"},
     take_number<&S::auth_limit_per_address, 1, 1'000'000>},
    {{"BCRYPT_COST", "10", "Work of a password hash; one more doubles it"}, take_number<&S::bcrypt_cost, 4, 15>},
    {{"SMTP_URL", "", "Mail server: `smtp://user:password@host:587` (STARTTLS; asked for when there is a password) or `smtps://…:465`, percent-encoded. Without it mail goes to the log"},
     take_smtp_url},
    {{"SMTP_FROM", "", "Sender of mail: `relay@example.com` or `Claude Relay <relay@example.com>`"}, take_smtp_from},
    {{"SMTP_CA_FILE", "", "PEM file with authorities to trust beside the system's, for the mail server"}, take_smtp_ca_file},

    {{"OAUTH_GITHUB_CLIENT_ID", "", "Sign-in with GitHub: an OAuth app's id. Its callback is PUBLIC_URL/api/client/auth/oauth/github/callback"},
     take_text<&S::github_client_id>},
    {{"OAUTH_GITHUB_CLIENT_SECRET", "", "That app's secret"}, take_text<&S::github_client_secret>},
    {{"OAUTH_GITHUB_URL", "https://github.com", "Where GitHub is, or a GitHub Enterprise Server"},
     take_web_address<&S::github_url>},
    {{"OAUTH_GITHUB_API_URL", "https://api.github.com", "Its API; of GitHub Enterprise `https://HOST/api/v3`"},
     take_web_address<&S::github_api_url>},
    {{"OAUTH_GOOGLE_CLIENT_ID", "", "Sign-in with Google: the client's id; callback as for GitHub, with `google`"},
     take_text<&S::google_client_id>},
    {{"OAUTH_GOOGLE_CLIENT_SECRET", "", "That client's secret"}, take_text<&S::google_client_secret>},
    {{"OAUTH_OIDC_ISSUER", "", "Sign-in with any OpenID Connect issuer, found by its discovery document; callback with `oidc`"},
     take_web_address<&S::oidc_issuer>},
    {{"OAUTH_OIDC_CLIENT_ID", "", "The client's id there. Together with OAUTH_OIDC_ISSUER"},
     take_text<&S::oidc_client_id>},
    {{"OAUTH_OIDC_CLIENT_SECRET", "", "That client's secret; a public client has none"},
     take_text<&S::oidc_client_secret>},
    {{"OAUTH_OIDC_NAME", "Single sign-on", "What people read on its button"}, take_text<&S::oidc_name>},

    {{"RESPONSE_CACHE_MAX", "64MB", "Memory for answers that are kept for calls that are the same, where a key or a call asks for that; 0: none are"},
     take_size<&S::cache_bytes_max, 0, 64 * kGigabyte>},
    {{"RESPONSE_CACHE_ENTRY_MAX", "1MB", "Largest answer that is kept"},
     take_size<&S::cache_entry_bytes_max, kKilobyte, kGigabyte>},
    {{"RESPONSE_CACHE_TTL", "10m", "How long, where neither the key nor the call says"},
     take_time<&S::cache_ttl, kSecond, 7 * 24 * kHour>},

    {{"LOG_DIR", "logs", "Folder of `claude-relay-*.log`"}, take_text<&S::log_dir>},
    {{"LOG_LEVEL", "info", "`trace`, `debug`, `info`, `warn`, `error` or `off`"}, take_log_level},
    {{"LOG_FORMAT", "text", "`text` or `json`"}, take_log_format},
    {{"METRICS_TOKEN", "", "Not used yet: Bearer token for /metrics"}, take_text<&S::metrics_token>},

    {{"USAGE_RETENTION_DAYS", "400", "Usage call by call is kept so long, 0 for ever; totals by day, key and model stay in any case"},
     take_number<&S::usage_retention_days, 0, kDaysMost>},
    {{"AUDIT_RETENTION_DAYS", "730", "The audit trail is kept so long, 0 for ever; what is left still verifies"},
     take_number<&S::audit_retention_days, 0, kDaysMost>},
    {{"NOTIFICATION_RETENTION_DAYS", "180", "Notifications are kept so long, 0 for ever"},
     take_number<&S::notification_retention_days, 0, kDaysMost>},
    {{"SESSION_RETENTION_DAYS", "30", "Sessions are kept so long after they ended, 0 for ever"},
     take_number<&S::session_retention_days, 0, kDaysMost>},
    {{"DELETED_RETENTION_DAYS", "90", "Revoked keys and the rows of erased accounts are kept so long, 0 for ever"},
     take_number<&S::deleted_retention_days, 0, kDaysMost>},
    {{"LOG_RETENTION_DAYS", "30", "Log files are kept so long, 0 for as long as there are no more than ten"},
     take_number<&S::log_retention_days, 0, kDaysMost>},
    {{"CLEAN_UP_INTERVAL", "10m", "How often what is past these times is taken away"},
     take_time<&S::clean_up_interval, kSecond, 24 * kHour>},

    {{"CLIENT_HEAD_TIMEOUT", "10s", "For a request's head, from its first byte to its last"},
     take_time<&S::head_timeout, 100, kHour>},
    {{"CLIENT_BODY_TIMEOUT", "60s", "For a request's whole body"}, take_time<&S::body_timeout, 100, kHour>},
    {{"CLIENT_IDLE_TIMEOUT", "75s", "Between two requests on one connection"}, take_time<&S::idle_timeout, 100, kHour>},
    {{"CLIENT_WRITE_TIMEOUT", "60s", "Without the client taking a byte"}, take_time<&S::write_timeout, 100, kHour>},
    {{"CLIENT_BODY_MAX", "32MB", "Largest request body; past it 413"},
     take_size<&S::body_bytes_max, kKilobyte, kGigabyte>},
    {{"CLIENT_CONNECTIONS_MAX", "16384", "Open client connections; fewer where file descriptors are limited"}, take_number<&S::connections_max, 16, 1'000'000>},
    {{"IN_FLIGHT_MAX", "8000", "Relayed calls at one time; past it new ones get 529. The last fifth is given out by the plan's priority (0 to 100): the usual 50 has half of it"},
     take_number<&S::in_flight_max, 1, 1'000'000>},
    {{"QUEUE_WAIT_MAX", "0s", "A call past a concurrency limit, or for which every account is busy, waits so long for its turn before it is refused; 0s: refused at once"},
     take_time<&S::queue_wait_max, 0, kHour>},
    {{"QUEUE_LENGTH_MAX", "100", "Calls that wait for the slots of one key, of one user, or of the same accounts; past it they are refused at once"},
     take_number<&S::queue_length_max, 1, 100'000>},
    {{"DRAIN_LIMIT", "60s", "After SIGTERM: how long running answers may take to end"},
     take_time<&S::drain_limit, 1, 24 * kHour>},
    {{"HANDOVER_LIMIT", "10m", "After SIGUSR2, when the next server serves: how long running answers of this one may take to end"},
     take_time<&S::handover_limit, 1, 24 * kHour>},
    {{"UPSTREAM_CONNECT_TIMEOUT", "5s", "Look-up, TCP, a proxy's tunnel and TLS to an upstream"},
     take_time<&S::connect_timeout, 10, kHour>},
    {{"UPSTREAM_FIRST_BYTE_TIMEOUT", "300s", "From the request to the first byte of the answer"},
     take_time<&S::first_byte_timeout, 10, kHour>},
    {{"UPSTREAM_IDLE_TIMEOUT", "120s", "Silence within an answer"}, take_time<&S::stream_idle_timeout, 10, kHour>},
    {{"UPSTREAM_TOTAL_TIMEOUT", "0s", "From the request to the end of the answer, of one attempt; 0s: no limit"},
     take_time<&S::upstream_total_timeout, 0, 24 * kHour>},
    {{"UPSTREAM_ATTEMPTS_MAX", "3", "Accounts that one call is tried at before its answer has begun"},
     take_number<&S::upstream_attempts_max, 1, 10>},
    {{"RETRY_BUDGET_PERCENT", "10", "Calls of a hundred that may be tried again at another account, beside a few that always may; 0: none"},
     take_number<&S::retry_budget_percent, 0, 100>},
    {{"UPSTREAM_HEDGE_AFTER", "0s", "A call that has no answer yet after so long is made at a second account as well, within RETRY_BUDGET_PERCENT; who answers first serves, the other attempt is cancelled, and its provider may bill it; 0s: never"},
     take_time<&S::upstream_hedge_after, 0, kHour>},
    {{"SSE_KEEP_ALIVE", "0", "While an event stream's upstream is silent the client gets a comment (`: keep-alive`) this often, between events; 0: never, and every byte is the provider's"},
     take_time<&S::sse_keep_alive, 0, kHour>},
    {{"UPSTREAM_KEEP_ALIVE", "55s", "An unused connection to an upstream is kept so long"},
     take_time<&S::keep_alive, kSecond, kHour>},
    {{"UPSTREAM_IDLE_CONNECTIONS", "256", "Unused connections kept for one upstream by one thread"},
     take_number<&S::idle_connections, 0, 100'000>},
};
// clang-format on

}  // namespace

std::span<const SettingRule> setting_rules() { return kRules; }

}  // namespace relay
