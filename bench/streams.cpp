// Many streams at once: opens them, counts their events as they come, and says once a second how it stands.
//   bench_streams PORT STREAMS OPEN_PER_SECOND KEY X_SIMULATE
// A line of JSON each second: {"open":…,"started":…,"completed":…,"broken":…,"events":…,"bytes":…}. Ends when
// all streams have ended; the last line adds the least and the most events and bytes of a completed stream.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Stream {
  int descriptor = -1;
  std::string tail{};  // the last bytes, to see the end of the chunked body
  std::int64_t events = 0;
  std::int64_t bytes = 0;
};

struct Totals {
  std::int64_t open = 0, started = 0, completed = 0, broken = 0, events = 0, bytes = 0;
  std::int64_t events_min = std::numeric_limits<std::int64_t>::max(), events_max = 0;
  std::int64_t bytes_min = std::numeric_limits<std::int64_t>::max(), bytes_max = 0;
};

std::string request_text(const char* key, const char* simulate) {
  const std::string body =
      R"({"model":"claude-sonnet-4-5","max_tokens":1024,"stream":true,"messages":[{"role":"user","content":"hi"}]})";
  return std::string("POST /v1/messages HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n") +
         "anthropic-version: 2023-06-01\r\nx-api-key: " + key + "\r\nx-simulate: " + simulate +
         "\r\ncontent-length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

bool open_stream(Stream& stream, std::uint16_t port, const std::string& request) {
  stream.descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // Blocking while it is opened: the rate is ours to choose, and loopback is quick.
  if (::connect(stream.descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return false;
  return ::send(stream.descriptor, request.data(), request.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(request.size());
}

// An event ends with an empty line; chunk framing has no two line feeds in a row.
std::int64_t count_events(std::string_view bytes, char before) {
  std::int64_t events = 0;
  for (std::size_t at = 0; (at = bytes.find('\n', at)) != std::string_view::npos; ++at) {
    if ((at == 0 ? before : bytes[at - 1]) == '\n') ++events;
  }
  return events;
}

void end_stream(Stream& stream, Totals& totals, bool completed) {
  ::close(stream.descriptor);
  stream.descriptor = -1;
  --totals.open;
  if (!completed) {
    ++totals.broken;
    return;
  }
  ++totals.completed;
  totals.events_min = std::min(totals.events_min, stream.events);
  totals.events_max = std::max(totals.events_max, stream.events);
  totals.bytes_min = std::min(totals.bytes_min, stream.bytes);
  totals.bytes_max = std::max(totals.bytes_max, stream.bytes);
}

void read_stream(Stream& stream, Totals& totals) {
  static char buffer[64 * 1024];
  const auto count = ::recv(stream.descriptor, buffer, sizeof buffer, MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) return end_stream(stream, totals, false);

  const std::string_view bytes(buffer, static_cast<std::size_t>(count));
  if (stream.bytes == 0 && !bytes.starts_with("HTTP/1.1 200")) return end_stream(stream, totals, false);
  const auto events = count_events(bytes, stream.tail.empty() ? '\0' : stream.tail.back());
  if (stream.events == 0 && events > 0) ++totals.started;
  stream.events += events;
  stream.bytes += count;
  totals.events += events;
  totals.bytes += count;

  stream.tail.append(bytes.substr(bytes.size() - std::min<std::size_t>(bytes.size(), 5)));
  if (stream.tail.size() > 5) stream.tail.erase(0, stream.tail.size() - 5);
  if (stream.tail == "0\r\n\r\n") end_stream(stream, totals, true);
}

void report(const Totals& totals, bool last) {
  std::printf(
      "{\"open\":%lld,\"started\":%lld,\"completed\":%lld,\"broken\":%lld,\"events\":%lld,\"bytes\":%lld",
      static_cast<long long>(totals.open), static_cast<long long>(totals.started),
      static_cast<long long>(totals.completed), static_cast<long long>(totals.broken),
      static_cast<long long>(totals.events), static_cast<long long>(totals.bytes));
  if (last) {
    std::printf(",\"events_min\":%lld,\"events_max\":%lld,\"bytes_min\":%lld,\"bytes_max\":%lld",
                static_cast<long long>(totals.completed > 0 ? totals.events_min : 0),
                static_cast<long long>(totals.events_max),
                static_cast<long long>(totals.completed > 0 ? totals.bytes_min : 0),
                static_cast<long long>(totals.bytes_max));
  }
  std::printf("}\n");
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr, "usage: bench_streams PORT STREAMS OPEN_PER_SECOND KEY X_SIMULATE\n");
    return 2;
  }
  const auto port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  const auto wanted = static_cast<std::size_t>(std::atoll(argv[2]));
  const auto per_second = static_cast<std::size_t>(std::atoll(argv[3]));
  const auto request = request_text(argv[4], argv[5]);

  const int poll = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<Stream> streams(wanted);
  std::vector<epoll_event> ready(1024);
  Totals totals;
  std::size_t opened = 0;
  const auto began = Clock::now();
  auto next_report = began + std::chrono::seconds(1);

  while (opened < wanted || totals.open > 0) {
    const auto now = Clock::now();
    const auto due = std::min<std::size_t>(
        wanted, 1 + static_cast<std::size_t>(std::chrono::duration<double>(now - began).count() *
                                             static_cast<double>(per_second)));
    for (; opened < due; ++opened) {
      auto& stream = streams[opened];
      ++totals.open;
      if (!open_stream(stream, port, request)) {
        end_stream(stream, totals, false);
        continue;
      }
      epoll_event interest{.events = EPOLLIN, .data = {.ptr = &stream}};
      ::epoll_ctl(poll, EPOLL_CTL_ADD, stream.descriptor, &interest);
    }
    const int count =
        ::epoll_wait(poll, ready.data(), static_cast<int>(ready.size()), opened < wanted ? 2 : 100);
    for (int i = 0; i < count; ++i) {
      read_stream(*static_cast<Stream*>(ready[static_cast<std::size_t>(i)].data.ptr), totals);
    }
    if (Clock::now() >= next_report) {
      report(totals, false);
      next_report += std::chrono::seconds(1);
    }
  }
  report(totals, true);
  ::close(poll);
  return totals.broken == 0 ? 0 : 1;
}
