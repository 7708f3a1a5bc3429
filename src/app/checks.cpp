#include "app/checks.h"

#include "app/descriptor_limit.h"
#include "app/run_task.h"
#include "app/stores.h"
#include "net/tls.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>

namespace relay {
namespace {

Check good(std::string name, std::string words) {
  return {.state = Check::State::good, .name = std::move(name), .words = std::move(words)};
}
Check warning(std::string name, std::string words, std::string mend) {
  return {Check::State::warning, std::move(name), std::move(words), std::move(mend)};
}
Check failed(std::string name, std::string words, std::string mend) {
  return {Check::State::failed, std::move(name), std::move(words), std::move(mend)};
}

std::string megabytes(std::uint64_t bytes) { return std::to_string(bytes >> 20) + " MB"; }

// The nearest folder that is there: the missing ones below it are made at the first start.
std::filesystem::path existing_part(std::filesystem::path folder) {
  folder = std::filesystem::absolute(folder);
  while (!std::filesystem::exists(folder) && folder.has_parent_path() && folder != folder.parent_path()) {
    folder = folder.parent_path();
  }
  return folder;
}

Check check_folder(const std::string& setting, const std::string& path, std::uint64_t room_wanted) {
  const auto folder = existing_part(path);
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    return failed(setting, folder.string() + " can't be written: " + std::strerror(errno),
                  "give this user the right to write there, or set " + setting + " to another folder");
  }
  struct statvfs facts {};
  if (::statvfs(folder.c_str(), &facts) != 0) {
    return failed(setting, folder.string() + ": " + std::strerror(errno),
                  "set " + setting + " to another folder");
  }
  const auto room = static_cast<std::uint64_t>(facts.f_bavail) * facts.f_frsize;
  if (room < room_wanted) {
    return failed(setting,
                  path + ": only " + megabytes(room) + " free, " + megabytes(room_wanted) + " are wanted",
                  "make room on that disk, or set " + setting + " to another one");
  }
  return good(setting, path + " can be written, " + megabytes(room) + " free");
}

}  // namespace

std::vector<Check> check_settings(const Settings& settings) {
  std::vector<Check> checks;
  for (const auto& words : settings.warnings)
    checks.push_back(warning("settings", words, "mend the name or delete it"));
  if (settings.has_no_upstream()) {
    checks.push_back(
        warning("settings",
                "no provider key is set: `serve` starts a stand-in provider, unless the store has "
                "accounts",
                "set ANTHROPIC_API_KEY or OPENAI_API_KEY, or add one with `claude-relay account add`"));
  }
  const bool others_reach_it = settings.host != "127.0.0.1" && settings.host != "::1";
  if (others_reach_it && settings.tls_certificate_file.empty() && settings.trusted_proxies.empty()) {
    checks.push_back(warning("settings",
                             "listens on " + settings.host + " without TLS: keys pass in clear text",
                             "set TLS_CERT_FILE and TLS_KEY_FILE, or put a TLS proxy in front and name it in "
                             "TRUSTED_PROXIES"));
  }
  const bool signs_in_elsewhere = !settings.github_client_id.empty() || !settings.google_client_id.empty() ||
                                  !settings.oidc_client_id.empty();
  if (signs_in_elsewhere && settings.public_url.empty()) {
    checks.push_back(warning(
        "settings",
        "PUBLIC_URL is not set: sign-in providers send browsers back to " + settings.url(settings.port),
        "set PUBLIC_URL to the address that people use"));
  }
  if (settings.environment == RelayEnvironment::production &&
      settings.plaintext_passwords == PlaintextPasswordRule::always) {
    checks.push_back(
        warning("settings", "ALLOW_PLAINTEXT_PASSWORDS is true in production", "set it to auto"));
  }
  try {
    if (!settings.tls_certificate_file.empty())
      TlsServer(settings.tls_certificate_file, settings.tls_key_file);
    TlsClient trusts(settings.upstream_ca_file);
  } catch (const std::exception& failure) {
    checks.push_back(failed("TLS", failure.what(), "mend TLS_CERT_FILE, TLS_KEY_FILE or UPSTREAM_CA_FILE"));
  }
  if (checks.empty()) checks.push_back(good("settings", "all within their bounds"));
  return checks;
}

Check check_mail(const Settings& settings) {
  const bool production = settings.environment == RelayEnvironment::production;
  if (!settings.has_mail_server()) {
    return warning("mail",
                   production ? "SMTP_URL is not set: no mail is sent, forgotten passwords can't be set anew"
                              : "SMTP_URL is not set: mail goes to the log, with its links",
                   "set SMTP_URL and SMTP_FROM");
  }
  if (settings.public_url.empty()) {
    return warning("mail", "PUBLIC_URL is not set: links in mail lead to " + settings.url(settings.port),
                   "set PUBLIC_URL to the address that people use");
  }
  return good("mail", "by " + settings.smtp.host + " port " + std::to_string(settings.smtp.port) + ", from " +
                          settings.mail_sender.address);
}

std::vector<Check> check_folders(const Settings& settings) {
  static constexpr std::uint64_t kLogRoom = 64U << 20;
  static constexpr std::uint64_t kDataRoom = 256U << 20;
  std::vector<Check> checks;
  checks.push_back(check_folder("DATA_DIR", settings.data_dir, kDataRoom));
  checks.push_back(check_folder("LOG_DIR", settings.log_dir, kLogRoom));
  return checks;
}

Check check_store(const Settings& settings) {
  static constexpr const char* kMend = "run `claude-relay migrate`";
  const bool is_file = settings.database_type == DatabaseType::sqlite;
  const auto* where =
      settings.database_type == DatabaseType::redis ? "see REDIS_URL" : "see the MYSQL_ settings";
  if (is_file && !std::filesystem::exists(settings.database_path())) {
    return warning("store", settings.database_path() + " is not there yet", "`serve` and `migrate` make it");
  }
  try {
    auto stores = open_stores(settings);
    const auto status = run_task(stores->status());
    if (status.has_error())
      return failed("store", status.error().message() + " " + status.error().cause(),
                    is_file ? kMend : where);
    if (status->count(MigrationState::drifted) > 0) {
      return failed("store", "a migration was changed after it was applied: see `claude-relay status`",
                    "go back to the version of the program that applied it");
    }
    if (status->count(MigrationState::unknown) > 0) {
      return failed("store", "a newer version of the program has migrated this store", "run that version");
    }
    const auto pending = status->count(MigrationState::pending) + status->count(MigrationState::half);
    if (pending > 0) return failed("store", std::to_string(pending) + " migrations are pending", kMend);
    return good("store", "reachable, at version " + std::to_string(status->version));
  } catch (const std::exception& failure) {
    return failed("store", failure.what(),
                  is_file ? "see that DATA_DIR is a local folder this user may write" : where);
  }
}

Check check_port(const Settings& settings) {
  const auto place = settings.host + " port " + std::to_string(settings.port);
  sockaddr_storage address{};
  socklen_t length = 0;
  if (auto* v4 = reinterpret_cast<sockaddr_in*>(&address);
      ::inet_pton(AF_INET, settings.host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(settings.port);
    length = sizeof *v4;
  } else {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&address);
    if (::inet_pton(AF_INET6, settings.host.c_str(), &v6->sin6_addr) != 1) {
      return failed("port", settings.host + " is no address", "set CLIENT_API_HOST to one");
    }
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(settings.port);
    length = sizeof *v6;
  }
  // Without SO_REUSEPORT: a relay that is running counts as taken, as it should for somebody who starts one.
  const int probe = ::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const bool is_free =
      ::bind(probe, reinterpret_cast<const sockaddr*>(&address), length) == 0 && ::listen(probe, 1) == 0;
  const int reason = errno;
  ::close(probe);
  if (is_free) return good("port", place + " is free");
  if (reason == EADDRINUSE) {
    return warning("port", place + " is in use: by a running relay, or by another program",
                   "`ss -ltnp` tells by whom; stop it or set CLIENT_API_PORT");
  }
  return failed("port", place + ": " + std::strerror(reason),
                reason == EACCES ? "take a port from 1024 up, or grant CAP_NET_BIND_SERVICE"
                                 : "set CLIENT_API_HOST to an address of this machine");
}

Check check_descriptors(const Settings& settings) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  // A relayed call has a socket on each side.
  const auto wanted = static_cast<rlim_t>(settings.in_flight_max) * 2 + kDescriptorsOfItsOwn;
  const auto found = "up to " + std::to_string(limit.rlim_max) + " file descriptors";
  if (limit.rlim_max >= wanted) return good("descriptors", found);
  return warning("descriptors",
                 found + "; IN_FLIGHT_MAX=" + std::to_string(settings.in_flight_max) + " may need " +
                     std::to_string(wanted),
                 "raise the limit (`ulimit -Hn`, LimitNOFILE= in systemd) or lower IN_FLIGHT_MAX");
}

}  // namespace relay
