#include "app/settings.h"

#include "app/env_file.h"
#include "app/environment.h"
#include "app/secret_file.h"
#include "app/settings_table.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

namespace relay {
namespace {

const SettingRule* find_rule(std::string_view name) {
  for (const auto& rule : setting_rules()) {
    if (rule.line.name == name) return &rule;
  }
  return nullptr;
}

void check_store(const Settings& settings, DatabaseType type, const std::string& chosen_by, Error& wrong) {
  const auto need = [&](const std::string& value, const std::string& name, const char* kind) {
    if (value.empty()) wrong.on_field(name, name + " is missing: " + chosen_by + kind + " needs it");
  };
  if (type == DatabaseType::redis) need(settings.redis_url, "REDIS_URL", "redis");
  if (type == DatabaseType::mysql) {
    need(settings.mysql_user, "MYSQL_USER", "mysql");
    need(settings.mysql_database, "MYSQL_DATABASE", "mysql");
  }
}

Error no_good() { return Error(ErrorKind::validation, "settings_invalid", "The settings can't be used"); }

// What one variable can't know of another.
void check_together(const Settings& settings, Error& wrong) {
  if (settings.tls_certificate_file.empty() != settings.tls_key_file.empty()) {
    const std::string missing = settings.tls_key_file.empty() ? "TLS_KEY_FILE" : "TLS_CERT_FILE";
    wrong.on_field(missing, missing + " is missing: TLS_CERT_FILE and TLS_KEY_FILE are set together");
  }
  if (settings.has_mail_server() && settings.mail_sender.address.empty()) {
    wrong.on_field("SMTP_FROM", "SMTP_FROM is missing: SMTP_URL needs it");
  }
  const auto need_both = [&wrong](const std::string& one, const std::string& other, const char* one_name,
                                  const char* other_name) {
    if (one.empty() == other.empty()) return;
    const std::string missing = one.empty() ? one_name : other_name;
    wrong.on_field(missing,
                   missing + " is missing: " + one_name + " and " + other_name + " are set together");
  };
  need_both(settings.github_client_id, settings.github_client_secret, "OAUTH_GITHUB_CLIENT_ID",
            "OAUTH_GITHUB_CLIENT_SECRET");
  need_both(settings.google_client_id, settings.google_client_secret, "OAUTH_GOOGLE_CLIENT_ID",
            "OAUTH_GOOGLE_CLIENT_SECRET");
  need_both(settings.oidc_issuer, settings.oidc_client_id, "OAUTH_OIDC_ISSUER", "OAUTH_OIDC_CLIENT_ID");
  if (settings.oidc_issuer.starts_with("http://") && !settings.allow_private_upstreams) {
    wrong.on_field("OAUTH_OIDC_ISSUER",
                   "OAUTH_OIDC_ISSUER must begin with https:// unless ALLOW_PRIVATE_UPSTREAMS is true");
  }
  check_store(settings, settings.database_type, "DATABASE_TYPE=", wrong);
  if (settings.environment != RelayEnvironment::test && settings.bcrypt_cost < 10) {
    wrong.on_field("BCRYPT_COST", "BCRYPT_COST must be 10 or more unless RELAY_ENV is test");
  }
}

// Names of ours that stand in the environment.
SettingTexts from_environment() {
  SettingTexts texts;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view line(*entry);
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    const auto name = line.substr(0, equals);
    if (find_rule(name) != nullptr) texts.emplace(name, line.substr(equals + 1));
  }
  return texts;
}

Error unreadable(const std::string& path, const std::string& reason) {
  return Error(ErrorKind::unavailable, "settings_unreadable", path + ": " + reason);
}

Result<> make_folder(const std::string& path, const char* setting) {
  std::error_code failure;
  std::filesystem::create_directories(path, failure);
  if (!failure) return {};
  return unreadable(path, "cannot make this folder (" + failure.message() + "). Set " + setting +
                              " to one that this user may write");
}

}  // namespace

std::optional<std::string> environment_text(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

std::string Settings::url(std::uint16_t listening_port) const {
  if (!public_url.empty()) return public_url;
  auto name = host;
  if (name == "0.0.0.0") name = "127.0.0.1";  // an address that can be pasted: nobody can call 0.0.0.0
  if (name == "::") name = "::1";
  if (name.find(':') != std::string::npos) name = "[" + name + "]";
  return (tls_certificate_file.empty() ? "http://" : "https://") + name + ":" +
         std::to_string(listening_port);
}

std::span<const SettingLine> setting_lines() {
  static const auto lines = [] {
    std::vector<SettingLine> all;
    for (const auto& rule : setting_rules()) all.push_back(rule.line);
    return all;
  }();
  return lines;
}

std::string settings_as_markdown() {
  std::string table = "| variable | default | meaning |\n| --- | --- | --- |\n";
  for (const auto& line : setting_lines()) {
    table += "| `" + std::string(line.name) + "` | ";
    if (!line.fallback.empty()) table += "`" + std::string(line.fallback) + "` ";
    table += "| " + std::string(line.meaning) + " |\n";
  }
  return table;
}

Result<Settings> parse_settings(const SettingTexts& texts) {
  Settings settings;
  auto wrong = no_good();
  for (const auto& rule : setting_rules()) {
    const auto given = texts.find(rule.line.name);
    const bool is_set = given != texts.end() && !given->second.empty();
    const auto text = is_set ? std::string_view(given->second) : rule.line.fallback;
    if (text.empty()) continue;
    if (const auto words = rule.take(settings, text); !words.empty()) {
      const std::string name(rule.line.name);
      wrong.on_field(name, name + " " + words);
    }
  }
  if (wrong.fields().empty()) check_together(settings, wrong);
  if (!wrong.fields().empty()) return wrong;
  return settings;
}

Result<> check_store_settings(const Settings& settings, DatabaseType type, const std::string& chosen_by) {
  auto wrong = no_good();
  check_store(settings, type, chosen_by, wrong);
  if (!wrong.fields().empty()) return wrong;
  return {};
}

Result<Settings> read_settings(const std::string& env_file) {
  auto texts = from_environment();
  std::vector<std::string> warnings;

  std::ifstream file(env_file, std::ios::binary);
  if (file) {
    const std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    auto in_file = parse_env_file(content);
    if (in_file.has_error()) {
      Error wrong(ErrorKind::validation, "settings_invalid", "The settings can't be used");
      wrong.on_field(env_file, env_file + ": " + in_file.error().message());
      return wrong;
    }
    for (auto& [name, value] : *in_file) {
      if (find_rule(name) == nullptr)
        warnings.push_back(env_file + ": " + name + " is not a setting of the relay");
      texts.emplace(name, std::move(value));  // the environment's own word stays
    }
  } else if (std::filesystem::exists(env_file)) {
    return unreadable(env_file, std::string("cannot read it: ") + std::strerror(errno));
  }

  TRY(auto settings, parse_settings(texts));
  settings.warnings = std::move(warnings);
  return settings;
}

Result<Settings> load_settings(const std::string& env_file, Random& random) {
  TRY(auto settings, read_settings(env_file));
  CHECK(make_folder(settings.data_dir, "DATA_DIR"));
  if (settings.jwt_secret.empty()) {
    TRY(settings.jwt_secret, kept_secret(settings.data_dir + "/client_jwt_secret", random));
  }
  if (settings.encryption_keys.empty()) {
    TRY(auto key, kept_secret(settings.data_dir + "/encryption_key", random));
    settings.encryption_keys.push_back(std::move(key));
  }
  return settings;
}

}  // namespace relay
