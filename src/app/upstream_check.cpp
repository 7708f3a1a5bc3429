// The part of doctor that goes out.
#include "app/upstream_check.h"

#include "app/checks.h"

#include "app/run_task.h"
#include "app/secret_file.h"
#include "app/stores.h"
#include "net/upstream_connections.h"
#include "net/worker.h"
#include "store/upstream_account_store.h"
#include "text/http_date.h"
#include "upstream/stored_account.h"

#include <array>
#include <cctype>
#include <exception>
#include <filesystem>
#include <optional>

namespace relay {
namespace {

using namespace std::chrono_literals;

constexpr auto kClockTolerance = 30s;  // access tokens live 15 minutes; logs should agree with the provider's
constexpr auto kPatience = 10s;

Task<ModelsAnswer> ask(Worker& worker, const TlsClient& trust, const UpstreamAccount& account,
                       UpstreamLimits limits) {
  UpstreamConnections connections(worker, trust, limits);
  CO_TRY(auto stream, co_await connections.connect(account.address));
  std::string request =
      "GET " + account.path_prefix + "/v1/models HTTP/1.1\r\nhost: " + account.authority +
      "\r\nanthropic-version: 2023-06-01\r\nuser-agent: claude-relay-doctor\r\nconnection: close\r\n";
  account.append_credential(request);
  request += "\r\n";
  const bool sent = co_await stream->write_all(request, kPatience);
  if (!sent)
    co_return Error(ErrorKind::bad_gateway, "upstream_closed",
                    "closed the connection before the request was sent");

  ModelsAnswer answer;
  std::array<char, 4096> buffer;
  stream->close_in(kPatience);
  while (answer.head.find("\r\n\r\n") == std::string::npos && answer.head.size() < 64 * 1024) {
    const auto read = stream->try_read(buffer);
    if (read.status == ReadOutcome::Status::data) {
      answer.head.append(buffer.data(), read.bytes);
      continue;
    }
    if (read.status != ReadOutcome::Status::would_block) break;
    const bool still_open = co_await stream->readable();
    if (!still_open) break;
  }
  if (!answer.head.starts_with("HTTP/1.") || answer.head.size() < 12) {
    co_return Error(ErrorKind::bad_gateway, "upstream_silent", "did not answer in HTTP within 10 s");
  }
  answer.status = std::atoi(answer.head.c_str() + 9);
  co_return answer;
}

std::optional<WallTime> date_of(const std::string& head) {
  for (std::size_t at = head.find("\r\n"); at != std::string::npos; at = head.find("\r\n", at + 2)) {
    std::string name = head.substr(at + 2, 5);
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (name != "date:") continue;
    auto value = head.substr(at + 7, head.find("\r\n", at + 2) - at - 7);
    value.erase(0, value.find_first_not_of(' '));
    return parse_http_date(value);
  }
  return std::nullopt;
}

Check check_clock(const std::string& name, WallTime ours, WallTime theirs) {
  const auto off = std::chrono::duration_cast<std::chrono::seconds>(ours - theirs);
  Check check{.name = "clock",
              .words = "within " + std::to_string(kClockTolerance.count()) + " s of " + name + "'s"};
  if (off <= kClockTolerance && off >= -kClockTolerance) return check;
  check.state = Check::State::failed;
  check.words = std::to_string(off.count()) + " s ahead of " + name + "'s";
  check.mend = "set this machine's clock, e.g. with `timedatectl set-ntp true`";
  return check;
}

std::string_view words_of_status(int status) {
  if (status == 401 || status == 403) return ": it refuses the key";
  return status == 200 || status >= 500 ? "" : " to GET /v1/models";
}

Check check_answer(const std::string& name, const UpstreamAccount& account, const std::string& key,
                   const ModelsAnswer& answer) {
  Check check{.name = name};
  check.words = account.authority + " answers " + std::to_string(answer.status);
  check.words += words_of_status(answer.status);
  if (answer.status == 401 || answer.status == 403) {
    check.state = Check::State::failed;
    check.mend = "put a key that is valid into " + key;
  } else if (answer.status >= 500) {
    check.state = Check::State::warning;
    check.mend = "look at the provider's status page";
  } else if (answer.status != 200) {
    check.state = Check::State::warning;
    check.mend = "see that the base URL is the provider's, without /v1/… behind it";
  }
  return check;
}

std::string words_of_failure(const Error& error) {
  return error.message() + (error.cause().empty() ? "" : " (" + error.cause() + ")");
}

// `key` is where the credential is set, `url` where the address is.
void check_account(const std::string& name, const UpstreamAccount& account, const std::string& key,
                   const std::string& url, const Settings& settings, const Clock& clock,
                   std::vector<Check>& checks) {
  Check fault{.state = Check::State::failed, .name = name};
  try {
    const TlsClient trust(settings.upstream_ca_file);
    const auto answer = ask_for_models(account, trust, settings.connect_timeout);
    if (answer.has_value()) {
      checks.push_back(check_answer(name, account, key, *answer));
      if (const auto theirs = date_of(answer->head)) {
        checks.push_back(check_clock(name, clock.now(), *theirs));
      }
      return;
    }
    fault.words = account.authority + ": " + words_of_failure(answer.error());
  } catch (const std::exception& failure) {
    fault.words = failure.what();
  }
  fault.mend = "see that this machine reaches " + account.authority + " (DNS, firewall, proxy), that " + url +
               " is right, and for a private authority set UPSTREAM_CA_FILE";
  checks.push_back(std::move(fault));
}

Result<std::vector<StoredAccount>> read_accounts(const Settings& settings) {
  auto stores = open_stores(settings);
  TRY(const auto status, run_task(stores->status()));
  if (!status.is_current()) return std::vector<StoredAccount>();
  auto accounts = run_task(stores->upstream_accounts().list());
  stores->stop();
  return accounts;
}

}  // namespace

Result<ModelsAnswer> ask_for_models(const UpstreamAccount& account, const TlsClient& trust,
                                    std::chrono::milliseconds connect) {
  Worker worker(0);
  std::optional<Result<ModelsAnswer>> answer;
  boost::asio::co_spawn(
      worker.executor(),
      run_task_detail::keep_outcome(ask(worker, trust, account, {.connect = connect}), answer),
      run_task_detail::rethrow);
  while (!answer && worker.context().run_one() > 0) {
  }
  if (answer) return *std::move(answer);
  return Error(ErrorKind::bad_gateway, "upstream_silent", "no answer");
}

AccountTrial try_account(const UpstreamAccount& account, const TlsClient& trust,
                         std::chrono::milliseconds connect) {
  AccountTrial trial;
  const auto answer = ask_for_models(account, trust, connect);
  if (answer.has_error()) {
    trial.words = account.authority + ": " + words_of_failure(answer.error());
    return trial;
  }
  trial.passed = answer->status == 200;
  trial.status = answer->status;
  trial.words = account.authority + " answers " + std::to_string(answer->status);
  trial.words += words_of_status(answer->status);
  return trial;
}

std::vector<Check> check_upstreams(const Settings& settings, const Clock& clock) {
  struct Wanted {
    Provider provider;
    const std::string& url;
    const std::string& key;
    const char* url_setting;
    const char* key_setting;
  };
  const Wanted all[] = {{Provider::anthropic, settings.anthropic_base_url, settings.anthropic_api_key,
                         "ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY"},
                        {Provider::openai, settings.openai_base_url, settings.openai_api_key,
                         "OPENAI_BASE_URL", "OPENAI_API_KEY"}};
  std::vector<Check> checks;
  for (const auto& wanted : all) {
    if (wanted.key.empty()) continue;
    const std::string name(to_string(wanted.provider));
    auto account =
        UpstreamAccount::from_settings("doctor", wanted.provider, wanted.url, wanted.key, wanted.url_setting);
    if (account.has_error()) {
      checks.push_back({.state = Check::State::failed,
                        .name = name,
                        .words = account.error().message(),
                        .mend = std::string("mend ") + wanted.url_setting});
      continue;
    }
    check_account(name, *account, wanted.key_setting, wanted.url_setting, settings, clock, checks);
  }
  return checks;
}

std::vector<Check> check_stored_accounts(const Settings& settings, const Clock& clock, bool offline) {
  const auto failed = [](std::string words, std::string mend) {
    return Check{.state = Check::State::failed,
                 .name = "accounts",
                 .words = std::move(words),
                 .mend = std::move(mend)};
  };
  if (settings.database_type == DatabaseType::sqlite && !std::filesystem::exists(settings.database_path())) {
    return {};
  }
  std::vector<Check> checks;
  try {
    const auto accounts = read_accounts(settings);
    if (accounts.has_error())
      return {failed(words_of_failure(accounts.error()), "see what stands of the store")};
    if (accounts->empty()) return {};
    auto keys = settings.encryption_keys;
    if (keys.empty()) {
      SystemRandom random;
      auto kept = kept_secret(settings.data_dir + "/encryption_key", random);
      if (kept.has_error()) return {failed(kept.error().message(), "set ENCRYPTION_KEY")};
      keys.push_back(*std::move(kept));
    }
    const SealedBox box(keys);
    for (const auto& stored : *accounts) {
      if (!stored.enabled) continue;
      const auto account = open_account(stored, box, settings.allow_private_upstreams);
      if (account.has_error()) {
        checks.push_back(failed("'" + stored.name + "': " + words_of_fault(account.error()),
                                "`claude-relay account set " + stored.id + " --credential-file FILE`"));
      } else if (!offline) {
        check_account("account", *account, "the account '" + stored.name + "'", "its base URL", settings,
                      clock, checks);
      }
    }
    if (checks.empty())
      checks.push_back({.name = "accounts", .words = std::to_string(accounts->size()) + " in the store"});
  } catch (const std::exception& failure) {
    checks.push_back(failed(failure.what(), "see what stands of the store"));
  }
  return checks;
}

}  // namespace relay
