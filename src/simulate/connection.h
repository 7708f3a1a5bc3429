// One client's connection to the simulator: requests in, answers out, one after the other.
#pragma once

#include "http/body_framing.h"
#include "http/head.h"
#include "net/stream.h"
#include "simulate/answer_writer.h"
#include "simulate/provider.h"

#include <cstddef>
#include <list>
#include <string>
#include <string_view>

namespace relay {
class TlsServer;
class Worker;
}  // namespace relay

namespace relay::simulate {

class Connection {
 public:
  /// The connections of one thread.
  using List = std::list<Connection*>;

  struct Parts {
    Worker& worker;
    ProviderState& state;
    Provider& provider;
    const Clock& clock;
    const TlsServer* tls;  // null: plain
    List& open;
  };

  Connection(Parts parts, int descriptor);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Returns when the connection is over.
  Awaitable<void> serve();
  /// Ends what it waits for; serve() returns soon.
  void abandon() { writer_.abandon(); }

 private:
  enum class Arrival : std::uint8_t { request, refused, over };
  Awaitable<Arrival> read_head();
  Awaitable<Arrival> read_body();
  Awaitable<bool> read_more();
  /// False: the connection is over.
  Awaitable<bool> answer();
  Awaitable<bool> refuse(int status, std::string_view message);
  Awaitable<void> say_goodbye();
  std::string_view unread() const { return std::string_view(input_).substr(used_); }

  Parts parts_;
  Stream stream_;
  AnswerWriter writer_;
  List::iterator place_;
  HeadReader reader_;
  ParsedHead head_;
  std::string input_;      // as it came
  std::size_t used_ = 0;   // of it
  std::string decoded_;    // a body that came in chunks
  std::string_view body_;  // into one of the two
  int refused_status_ = 400;
  bool trap_ = false;  // the next request gets no answer
};

}  // namespace relay::simulate
