#include "net/worker.h"

#include "fakes/blocking_socket.h"
#include "net/http_server.h"
#include "net/stream.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fcntl.h>
#include <gtest/gtest.h>

namespace relay {
namespace worker_test {

using namespace std::chrono_literals;

Awaitable<void> wait_for_ever(Worker& worker, int descriptor, std::shared_ptr<int> held) {
  Stream stream(worker.context(), worker.wheel(), descriptor);
  stream.close_in(1h);
  char room[10];
  while (true) {
    stream.try_read(room);
    const bool open = co_await stream.readable();
    if (!open) co_return;
    ++*held;
  }
}

// The sanitizers look on: the coroutine's deadlines and buffers go back to parts of the worker.
TEST(Worker, IsDestroyedWithCoroutinesThatStillWait) {
  const test::LoopbackListener listener;
  auto socket = test::BlockingSocket::to_port(listener.port());
  const int accepted = listener.accept_within(1s);
  ::fcntl(accepted, F_SETFL, O_NONBLOCK);
  auto held = std::make_shared<int>(0);
  {
    Worker worker(0);
    boost::asio::co_spawn(worker.executor(), wait_for_ever(worker, accepted, held), boost::asio::detached);
    worker.context().run_for(50ms);
    EXPECT_EQ(held.use_count(), 2);
  }
  EXPECT_EQ(held.use_count(), 1) << "the frame was leaked";
  EXPECT_TRUE(socket.closes_within(1s));
}

Awaitable<void> answer_never(ServerExchange& client) {
  client.client().watch([] {});
  const bool open = co_await client.client().writable();
  while (open && client.client().is_open()) static_cast<void>(co_await client.client().next_edge());
}

TEST(Worker, IsDestroyedWithAServerAndItsConnections) {
  Worker worker(0);
  HttpServer::Parts parts{.worker = worker, .serve = answer_never, .limits = {}, .tls = nullptr};
  HttpServer server(std::move(parts), ListenAddress{.host = "127.0.0.1", .port = 0});
  server.start();
  auto silent = test::BlockingSocket::to_port(server.port());
  auto asking = test::BlockingSocket::to_port(server.port());
  asking.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf");
  auto half = test::BlockingSocket::to_port(server.port());
  half.send("GET / HT");
  worker.context().run_for(60ms);
  EXPECT_EQ(server.open_connections(), 3U);
}

}  // namespace worker_test
}  // namespace relay
