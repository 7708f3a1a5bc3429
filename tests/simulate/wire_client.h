// A blocking client that sees the simulator's answers as they are on the wire.
#pragma once

#include "http/body_framing.h"
#include "http/head.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace relay {

struct WireAnswer {
  int status = 0;
  std::string head;
  std::string body;    // decoded from chunks
  bool whole = false;  // the framing was right and its end was seen
};

class WireClient {
 public:
  enum class Silence { data, end, reset, nothing };

  explicit WireClient(std::uint16_t port) : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(descriptor_, reinterpret_cast<sockaddr*>(&where), sizeof where) != 0)
      throw std::runtime_error("connect");
    set_patience_ms(5000);
  }
  ~WireClient() { ::close(descriptor_); }
  WireClient(const WireClient&) = delete;
  WireClient& operator=(const WireClient&) = delete;

  void set_patience_ms(int milliseconds) {
    const timeval patience{.tv_sec = milliseconds / 1000, .tv_usec = milliseconds % 1000 * 1000};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }

  void send(std::string_view bytes) {
    static_cast<void>(::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
  }

  void post(std::string_view path, std::string_view body, std::string_view fields = "") {
    send("POST " + std::string(path) + " HTTP/1.1\r\nhost: x\r\n" + std::string(fields) +
         "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
  }
  void get(std::string_view path, std::string_view fields = "") {
    send("GET " + std::string(path) + " HTTP/1.1\r\nhost: x\r\n" + std::string(fields) + "\r\n");
  }

  /// One read into what read_answer() has not used.
  Silence read_some() {
    char room[4096];
    const auto got = ::recv(descriptor_, room, sizeof room, 0);
    if (got > 0) return input_.append(room, static_cast<std::size_t>(got)), Silence::data;
    if (got == 0) return Silence::end;
    return errno == EAGAIN ? Silence::nothing : Silence::reset;
  }

  WireAnswer read_answer() {
    WireAnswer answer;
    HeadReader reader;
    ParsedHead head;
    while (reader.read_answer(input_, head) != HeadState::complete) {
      if (reader.fault() != HeadFault::none) return answer;
      if (last_ = read_some(); last_ != Silence::data) return answer;
    }
    answer.status = head.status();
    answer.head = input_.substr(0, head.head_bytes());
    auto framing = body_of_answer(head, false);
    input_.erase(0, answer.head.size());
    while (true) {
      const auto used = framing.feed(input_, [&](std::string_view payload) { answer.body.append(payload); });
      input_.erase(0, used);
      answer.whole = framing.complete();
      if (answer.whole || framing.malformed()) return answer;
      if (last_ = read_some(); last_ != Silence::data) {
        answer.whole = last_ == Silence::end && framing.complete_at_close();
        return answer;
      }
    }
  }

  /// How the last read_answer() came to its end, when it was not whole.
  Silence last() const { return last_; }
  const std::string& unread() const { return input_; }

 private:
  int descriptor_;
  std::string input_;
  Silence last_ = Silence::data;
};

}  // namespace relay
