// An HttpServer on a loop of its own, and plain sockets to ask it with.
#pragma once

#include "net/http_server.h"

#include "fakes/blocking_socket.h"
#include "fakes/running_worker.h"

#include <boost/asio/basic_waitable_timer.hpp>
#include <gtest/gtest.h>

#include <atomic>

namespace relay::test {

/// Answers with the request as it was read: "POST /path body". Small limits, so that nothing takes long.
class HttpServerUnderTest : public testing::Test {
 protected:
  HttpServerUnderTest() {
    limits_.head_timeout = std::chrono::milliseconds(150);
    limits_.body_timeout = std::chrono::milliseconds(200);
    limits_.idle_timeout = std::chrono::milliseconds(400);
    limits_.write_timeout = std::chrono::milliseconds(500);
    limits_.body_bytes = 100'000;
  }
  ~HttpServerUnderTest() override {
    if (!server_) return;
    running_.on_thread([this] {
      server_->drain();
      server_->close_all();
    });
    for (int i = 0; i < 200 && open_connections() > 0; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    EXPECT_EQ(open_connections(), 0U);
    running_.stop();
  }

  void start() {
    HttpServer::Parts parts{.worker = running_.worker,
                            .serve = [this](ServerExchange& client) { return serve(client); },
                            .limits = limits_,
                            .tls = tls_,
                            .connections_max = connections_max_};
    server_.emplace(std::move(parts), ListenAddress{.host = "127.0.0.1", .port = 0});
    port_ = server_->port();
    server_->start();
    running_.start();
  }
  BlockingSocket dial() { return BlockingSocket::to_port(port_); }
  /// Sends `bytes` on a new connection and returns all that comes until it is closed.
  std::string ask(std::string_view bytes) {
    auto socket = dial();
    socket.send(bytes);
    return socket.receive_all();
  }
  std::size_t open_connections() {
    return running_.on_thread([this] { return server_->open_connections(); });
  }

  Awaitable<void> serve(ServerExchange& client) {
    ++calls_;
    HttpAnswer answer;
    answer.body = std::string(client.head().method()).append(" ").append(client.head().target());
    if (client.head().path() == "/ignore") {
      static_cast<void>(co_await client.answer(std::move(answer)));
      co_return;
    }
    if (client.head().path() == "/held") {
      while (hold_) {
        boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                          boost::asio::wait_traits<std::chrono::steady_clock>, IoExecutor>
            timer(client.worker().executor(), std::chrono::milliseconds(5));
        static_cast<void>(co_await timer.async_wait(as_result));
      }
    }
    if (client.head().path() == "/large") answer.body.assign(20'000'000, 'L');
    const auto read = co_await client.read_body(limits_.body_bytes);
    if (read.has_error()) {
      answer.status = read.error().kind() == ErrorKind::payload_too_large ? 413 : 400;
      answer.body = read.error().code();
    } else {
      answer.body.append(" ").append(client.body());
    }
    static_cast<void>(co_await client.answer(std::move(answer)));
  }

  ServerLimits limits_;
  const TlsServer* tls_ = nullptr;
  std::size_t connections_max_ = 1000;
  std::atomic<int> calls_{0};
  std::atomic<bool> hold_{false};
  std::uint16_t port_ = 0;
  RunningWorker running_;
  std::optional<HttpServer> server_;
};

}  // namespace relay::test
