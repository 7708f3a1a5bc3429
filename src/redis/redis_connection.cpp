#include "redis/redis_connection.h"

#include "net/tls_bytes.h"
#include "redis/redis_error.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <string_view>
#include <utility>

namespace relay {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kReadBytes = 32 * 1024;
constexpr std::size_t kKeptBytesMax = 1UL << 20;  // of a buffer that was filled once

void put_word(std::string& out, std::string_view word) {
  out += '$';
  out += std::to_string(word.size());
  out += "\r\n";
  out += word;
  out += "\r\n";
}

}  // namespace

RedisConnection::RedisConnection(const RedisShared& shared, RedisAddress address)
    : shared_(shared),
      address_(std::move(address)),
      socket_(shared.context.get_executor()),
      resolver_(shared.context.get_executor()),
      room_(kReadBytes) {}

RedisConnection::~RedisConnection() { close("the client is gone"); }

Task<RedisConnection::Greeting> RedisConnection::open() {
  auto connected = co_await connect();
  if (connected.has_error()) {
    close(connected.error().cause());
    co_return redis_unavailable(address_.text() + ": " + reason_);
  }
  auto greeting = co_await greet();
  if (greeting.has_error()) {
    close(greeting.error().cause());
    co_return redis_unavailable(address_.text() + ": " + reason_);
  }
  co_return greeting;
}

Task<> RedisConnection::connect() {
  boost::system::error_code no_address;
  const auto literal = asio::ip::make_address(address_.host, no_address);
  std::vector<asio::ip::tcp::endpoint> endpoints;
  if (!no_address) {
    endpoints.emplace_back(literal, address_.port);
  } else {
    const auto found =
        co_await resolver_.async_resolve(address_.host, std::to_string(address_.port), as_result);
    const auto& failed = std::get<0>(found);
    if (failed) co_return redis_unavailable("the name can't be looked up: " + failed.message());
    for (const auto& entry : std::get<1>(found)) endpoints.push_back(entry.endpoint());
  }
  CO_CHECK(co_await connect_to(std::move(endpoints)));
  if (shared_.tls == nullptr) co_return ok;
  co_return co_await secure();
}

Task<> RedisConnection::connect_to(std::vector<asio::ip::tcp::endpoint> endpoints) {
  boost::system::error_code last = asio::error::host_not_found;
  for (const auto& endpoint : endpoints) {
    if (!open_) break;
    boost::system::error_code ignored;
    static_cast<void>(socket_.close(ignored));
    auto [failed] = co_await socket_.async_connect(endpoint, as_result);
    last = failed;
    if (!failed) break;
  }
  if (!open_) co_return redis_unavailable(reason_);
  if (last) co_return redis_unavailable("no connection: " + last.message());
  boost::system::error_code ignored;
  static_cast<void>(socket_.set_option(asio::ip::tcp::no_delay(true), ignored));
  static_cast<void>(socket_.set_option(asio::socket_base::keep_alive(true), ignored));
  co_return ok;
}

Task<> RedisConnection::secure() {
  tls_ = std::make_unique<TlsBytes>(*shared_.tls, address_.host);
  flush();
  while (!tls_->is_established()) {
    const bool open = co_await read_some();
    if (!open) co_return redis_unavailable(reason_);
  }
  co_return ok;
}

Task<RedisConnection::Greeting> RedisConnection::greet() {
  std::vector<RedisCommand> words;
  const bool has_password = !shared_.settings.password.empty() || !shared_.settings.user.empty();
  if (has_password) {
    RedisCommand auth("AUTH");
    if (!shared_.settings.user.empty()) std::move(auth).arg(shared_.settings.user);
    std::move(auth).arg(shared_.settings.password);
    words.push_back(std::move(auth));
  }
  if (shared_.settings.database != 0) words.push_back(RedisCommand("SELECT").arg(shared_.settings.database));
  words.push_back(RedisCommand("CLIENT").arg("SETNAME").arg("claude-relay"));
  words.push_back(RedisCommand("INFO").arg("cluster"));
  words.push_back(RedisCommand("PING"));
  for (const auto& command : words) put(command);
  flush();

  Greeting greeting;
  for (const auto& command : words) {
    CO_TRY(auto reply, co_await next_reply());
    const auto& name = command.words().front();
    if (name == "INFO") {
      greeting.cluster = reply.text.find("cluster_enabled:1") != std::string::npos;
    } else if (reply.is_error() && (name == "AUTH" || name == "SELECT")) {
      // Of AUTH the code alone: a proxy that does not know it repeats its words, the password too.
      const auto words_of_server = name == "AUTH" ? std::string(error_code(reply)) : reply.text;
      co_return redis_unavailable(name + " is refused: " + words_of_server);
    } else if (is_error_of(reply, "NOAUTH") || is_error_of(reply, "LOADING") ||
               is_error_of(reply, "MASTERDOWN")) {
      co_return redis_unavailable(reply.text);
    }
    // Else: a user of few rights may be forbidden to name itself.
  }
  co_return greeting;
}

Awaitable<bool> RedisConnection::read_some() {
  auto [failed, bytes] = co_await socket_.async_read_some(asio::buffer(room_), as_result);
  if (!open_) co_return false;
  if (failed) {
    close(failed == asio::error::eof ? "the server has closed the connection" : failed.message());
    co_return false;
  }
  std::string_view received(room_.data(), bytes);
  if (tls_) {
    plain_.clear();
    const bool good = tls_->take(received, plain_);
    flush();  // its own answers, if it has any
    if (!good) close(tls_->failure());
    received = plain_;
  }
  if (!open_) co_return false;
  auto fed = reader_.feed(received);
  if (fed.has_error()) close(fed.error().cause());
  co_return open_;
}

Task<RedisReply> RedisConnection::next_reply() {
  while (true) {
    CO_TRY(auto reply, reader_.next());
    if (reply) co_return *std::move(reply);
    const bool open = co_await read_some();
    if (!open) co_return redis_unavailable(reason_);
  }
}

Awaitable<std::string> RedisConnection::serve(std::function<void(OwedReply, RedisReply)> on_reply) {
  auto hand_out = [this, &on_reply](RedisReply reply) {
    if (owed_.empty()) return close("an answer that nobody asked for");
    auto owed = std::move(owed_.front());
    owed_.pop_front();
    on_reply(std::move(owed), std::move(reply));
  };
  std::function<void(RedisReply)> handler = hand_out;
  co_return co_await listen(std::move(handler));
}

Awaitable<std::string> RedisConnection::listen(std::function<void(RedisReply)> on_reply) {
  while (open_) {
    auto reply = reader_.next();
    if (reply.has_error()) {
      close(reply.error().cause());
    } else if (reply->has_value()) {
      on_reply(**std::move(reply));
    } else {
      static_cast<void>(co_await read_some());
    }
  }
  co_return reason_;
}

void RedisConnection::put(const RedisCommand& command) {
  gathered_ += '*';
  gathered_ += std::to_string(command.words().size());
  gathered_ += "\r\n";
  for (const auto& word : command.words()) put_word(gathered_, word);
}

void RedisConnection::send(const RedisCommand& command, OwedReply owed) {
  owed_.push_back(std::move(owed));
  send(command);
}

void RedisConnection::send(const RedisCommand& command) {
  put(command);
  if (flush_posted_) return;
  flush_posted_ = true;
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->flush_posted_ = false;
    self->flush();
  });
}

void RedisConnection::flush() {
  if (!open_ || writing_) return;
  if (written_.capacity() > kKeptBytesMax) written_ = {};
  written_.clear();
  written_.swap(gathered_);
  if (tls_) {
    const bool good = written_.empty() || tls_->put(written_);
    if (!good) return close(tls_->failure());
    written_.clear();
    written_.swap(tls_->outgoing());
  }
  if (!written_.empty()) write();
}

void RedisConnection::write() {
  writing_ = true;
  auto done = [self = shared_from_this()](const boost::system::error_code& failed, std::size_t) {
    self->writing_ = false;
    if (failed) return self->close(failed.message());
    self->flush();
  };
  asio::async_write(socket_, asio::buffer(written_), std::move(done));
}

std::optional<SteadyTime> RedisConnection::oldest_due() const {
  for (const auto& owed : owed_) {
    if (owed.call) return owed.call->limits().link_due;
  }
  return std::nullopt;
}

void RedisConnection::close_as_dead() {
  dead_ = open_;
  close("the server does not answer");
}

void RedisConnection::close(std::string reason) {
  if (!open_) return;
  open_ = false;
  reason_ = std::move(reason);
  resolver_.cancel();
  boost::system::error_code ignored;
  static_cast<void>(socket_.close(ignored));
  for (auto& owed : std::exchange(owed_, {})) {
    if (owed.call) owed.call->fail(redis_unavailable(address_.text() + ": " + reason_));
  }
}

}  // namespace relay
