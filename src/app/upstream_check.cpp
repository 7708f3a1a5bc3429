// The part of doctor that goes out: the same connections, trust and credential as relayed calls have.
#include "app/checks.h"

#include "app/run_task.h"
#include "net/tls.h"
#include "net/upstream_connections.h"
#include "net/worker.h"
#include "upstream/account.h"

#include <array>
#include <cctype>
#include <ctime>
#include <exception>
#include <optional>

namespace relay {
namespace {

using namespace std::chrono_literals;

constexpr auto kClockTolerance = 30s;  // access tokens live 15 minutes; logs should agree with the provider's
constexpr auto kPatience = 10s;

struct Answer {
  int status = 0;
  std::string head{};
};

Task<Answer> ask(Worker& worker, const TlsClient& trust, const UpstreamAccount& account,
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

  Answer answer;
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
    std::tm parts{};
    if (::strptime(value.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts) == nullptr) return std::nullopt;
    return WallTime(std::chrono::seconds(::timegm(&parts)));
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

Check check_answer(const UpstreamAccount& account, const std::string& key_setting, const Answer& answer) {
  Check check{.name = std::string(to_string(account.provider))};
  check.words = account.authority + " answers " + std::to_string(answer.status);
  if (answer.status == 401 || answer.status == 403) {
    check.state = Check::State::failed;
    check.words += ": it refuses the key";
    check.mend = "put a key that is valid into " + key_setting;
  } else if (answer.status >= 500) {
    check.state = Check::State::warning;
    check.mend = "look at the provider's status page";
  } else if (answer.status != 200) {
    check.state = Check::State::warning;
    check.words += " to GET /v1/models";
    check.mend = "see that the base URL is the provider's, without /v1/… behind it";
  }
  return check;
}

}  // namespace

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
    Check fault{.state = Check::State::failed, .name = std::string(to_string(wanted.provider))};
    auto account =
        UpstreamAccount::from_settings("doctor", wanted.provider, wanted.url, wanted.key, wanted.url_setting);
    if (account.has_error()) {
      fault.words = account.error().message();
      fault.mend = std::string("mend ") + wanted.url_setting;
      checks.push_back(std::move(fault));
      continue;
    }
    try {
      const TlsClient trust(settings.upstream_ca_file);
      Worker worker(0);
      std::optional<Result<Answer>> answer;
      boost::asio::co_spawn(worker.executor(),
                            run_task_detail::keep_outcome(
                                ask(worker, trust, *account, {.connect = settings.connect_timeout}), answer),
                            run_task_detail::rethrow);
      while (!answer && worker.context().run_one() > 0) {
      }
      if (answer && answer->has_value()) {
        checks.push_back(check_answer(*account, wanted.key_setting, **answer));
        if (const auto theirs = date_of((*answer)->head)) {
          checks.push_back(check_clock(fault.name, clock.now(), *theirs));
        }
        continue;
      }
      fault.words = account->authority + ": " + (answer ? answer->error().message() : "no answer");
      if (answer && !answer->error().cause().empty()) fault.words += " (" + answer->error().cause() + ")";
    } catch (const std::exception& failure) {
      fault.words = failure.what();
    }
    fault.mend = std::string("see that this machine reaches ") + account->authority +
                 " (DNS, firewall, proxy), that " + wanted.url_setting +
                 " is right, and for a private authority set UPSTREAM_CA_FILE";
    checks.push_back(std::move(fault));
  }
  return checks;
}

}  // namespace relay
