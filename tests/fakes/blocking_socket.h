// A plain blocking socket of a test thread: the other side of what is under test. Every wait is bounded.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace relay::test {

class BlockingSocket {
 public:
  static constexpr std::chrono::milliseconds kPatience{10'000};

  explicit BlockingSocket(int descriptor) : descriptor_(descriptor) {
    const int on = 1;
    ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  ~BlockingSocket() { close(); }
  BlockingSocket(BlockingSocket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  BlockingSocket& operator=(BlockingSocket&&) = delete;

  /// `receive_buffer`: 0 leaves it to the kernel.
  static BlockingSocket to_port(std::uint16_t port, int receive_buffer = 0) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_buffer > 0)
      ::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(descriptor, reinterpret_cast<sockaddr*>(&where), sizeof where) != 0) {
      ::close(descriptor);
      throw std::runtime_error("the port does not answer");
    }
    return BlockingSocket(descriptor);
  }

  int descriptor() const { return descriptor_; }

  /// False when the peer has closed.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  bool readable_within(std::chrono::milliseconds patience) const {
    pollfd look{descriptor_, POLLIN, 0};
    return ::poll(&look, 1, static_cast<int>(patience.count())) > 0;
  }

  /// One read; empty at the end, at a reset (was_reset) and when nothing came (timed_out).
  std::string receive(std::chrono::milliseconds patience = kPatience) {
    if (!readable_within(patience)) {
      timed_out_ = true;
      return {};
    }
    char room[64 * 1024];
    const auto got = ::recv(descriptor_, room, sizeof room, 0);
    if (got > 0) return std::string(room, static_cast<std::size_t>(got));
    ended_ = true;
    was_reset_ = got < 0;
    return {};
  }

  /// Until `text` holds `end`, or nothing more comes.
  std::string receive_until(std::string_view end) {
    while (kept_.find(end) == std::string::npos) {
      const auto more = receive();
      if (more.empty()) return std::exchange(kept_, {});
      kept_ += more;
    }
    const auto bytes = kept_.find(end) + end.size();
    auto text = kept_.substr(0, bytes);
    kept_.erase(0, bytes);
    return text;
  }

  std::string receive_exactly(std::size_t bytes) {
    while (kept_.size() < bytes) {
      const auto more = receive();
      if (more.empty()) break;
      kept_ += more;
    }
    auto text = kept_.substr(0, bytes);
    kept_.erase(0, bytes);
    return text;
  }

  /// Everything until the peer closes.
  std::string receive_all() {
    auto text = std::exchange(kept_, {});
    while (true) {
      const auto more = receive();
      if (more.empty()) return text;
      text += more;
    }
  }

  /// Head and body of one message with a Content-Length, or without a body.
  std::string receive_message() {
    auto head = receive_until("\r\n\r\n");
    auto at = head.find("ontent-length: ");
    if (at == std::string::npos) at = head.find("ontent-Length: ");
    if (at == std::string::npos) return head;
    return head + receive_exactly(std::stoul(head.substr(at + 15)));
  }

  /// True when the peer closes, or resets, within `patience`; what comes before that is dropped.
  bool closes_within(std::chrono::milliseconds patience) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < until) {
      if (receive(std::chrono::milliseconds(5)).empty() && ended_) return true;
    }
    return false;
  }

  void shut_sending() { ::shutdown(descriptor_, SHUT_WR); }
  void close() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  }
  void reset() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
  }

  bool ended() const { return ended_; }
  bool was_reset() const { return was_reset_; }
  bool timed_out() const { return timed_out_; }

 private:
  int descriptor_;
  std::string kept_;
  bool ended_ = false;
  bool was_reset_ = false;
  bool timed_out_ = false;
};

/// A listening socket on a free port of the loopback. One with a backlog of 0 that nobody accepts from
/// lets a second connection hang: an address that does not answer.
class LoopbackListener {
 public:
  explicit LoopbackListener(int backlog = 64)
      : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof where;
    if (::bind(descriptor_, reinterpret_cast<sockaddr*>(&where), size) != 0 ||
        ::listen(descriptor_, backlog) != 0) {
      throw std::runtime_error("no loopback listener");
    }
    ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&where), &size);
    port_ = ntohs(where.sin_port);
  }
  ~LoopbackListener() { close(); }
  LoopbackListener(const LoopbackListener&) = delete;
  LoopbackListener& operator=(const LoopbackListener&) = delete;

  std::uint16_t port() const { return port_; }
  int descriptor() const { return descriptor_; }
  /// -1 when nobody comes.
  int accept_within(std::chrono::milliseconds patience) const {
    pollfd look{descriptor_, POLLIN, 0};
    if (::poll(&look, 1, static_cast<int>(patience.count())) <= 0) return -1;
    return ::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC);
  }
  BlockingSocket accept() const {
    const int accepted = accept_within(BlockingSocket::kPatience);
    if (accepted < 0) throw std::runtime_error("nobody connected");
    return BlockingSocket(accepted);
  }
  void close() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  }

 private:
  int descriptor_;
  std::uint16_t port_ = 0;
};

}  // namespace relay::test
