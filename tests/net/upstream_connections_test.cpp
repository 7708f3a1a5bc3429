#include "net/upstream_connections.h"

#include "fakes/await.h"
#include "fakes/scripted_upstream.h"
#include "fakes/test_certificate.h"
#include "net/tls.h"
#include "net/worker.h"
#include "store/temporary_folder.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <list>

namespace relay {
namespace upstream_connections_test {

using namespace std::chrono_literals;
using Connected = Result<std::unique_ptr<Stream>>;

class UpstreamConnectionsTest : public testing::Test {
 protected:
  UpstreamConnectionsTest() {
    limits_.connect = 300ms;
    limits_.idle = 200ms;
    limits_.idle_per_address = 2;
    authority_.emplace("");
  }
  void open_pool() { pool_.emplace(worker_, *authority_, limits_); }
  static UpstreamAddress address_of(std::uint16_t port, bool tls = false,
                                    const std::string& host = "127.0.0.1") {
    const auto text = std::to_string(port);
    return {
        .host = host, .port = text, .tls = tls, .pool_key = UpstreamAddress::make_pool_key(host, text, tls)};
  }
  Connected connect(const UpstreamAddress& address) {
    std::optional<Connected> outcome;
    boost::asio::co_spawn(worker_.executor(), test::keep_outcome(pool_->connect(address), outcome),
                          test::rethrow);
    worker_.context().restart();
    while (!outcome && worker_.context().run_one_for(5s) > 0) {
    }
    return std::move(outcome).value();
  }
  void turn(std::chrono::milliseconds time) {
    worker_.context().restart();
    worker_.context().run_for(time);
  }

  UpstreamLimits limits_;
  test::TemporaryFolder folder_;
  std::optional<TlsClient> authority_;
  Worker worker_{0};
  std::optional<UpstreamConnections> pool_;
};

TEST_F(UpstreamConnectionsTest, UsesTheLastOneGivenBackFirst) {
  open_pool();
  test::LoopbackListener listener;
  const auto address = address_of(listener.port());
  EXPECT_EQ(pool_->take_idle(address), nullptr);
  auto first = connect(address).value();
  auto second = connect(address).value();
  auto third = connect(address).value();
  const auto* expected = second.get();
  pool_->give_back(address, std::move(first));
  pool_->give_back(address, std::move(second));
  pool_->give_back(address, std::move(third));  // one too many
  EXPECT_EQ(pool_->idle_count(), 2U);
  EXPECT_EQ(pool_->take_idle(address).get(), expected);
  EXPECT_EQ(pool_->take_idle(address_of(1)), nullptr);
  EXPECT_EQ(pool_->idle_count(), 1U);
  pool_->close_idle();
  EXPECT_EQ(pool_->take_idle(address), nullptr);
}

TEST_F(UpstreamConnectionsTest, DropsWhatThePeerCloses) {
  open_pool();
  test::LoopbackListener listener;
  const auto address = address_of(listener.port());
  auto stream = connect(address).value();
  auto peer = listener.accept();
  pool_->give_back(address, std::move(stream));
  turn(30ms);
  EXPECT_EQ(pool_->idle_count(), 1U);
  peer.close();
  turn(100ms);
  EXPECT_EQ(pool_->idle_count(), 0U);
}

TEST_F(UpstreamConnectionsTest, DoesNotHandOutOneWithBytesNobodyAskedFor) {
  open_pool();
  test::LoopbackListener listener;
  const auto address = address_of(listener.port());
  auto stream = connect(address).value();
  auto peer = listener.accept();
  pool_->give_back(address, std::move(stream));
  peer.send("HTTP/1.1 200 OK\r\n\r\n");
  turn(50ms);
  EXPECT_EQ(pool_->take_idle(address), nullptr) << "the next caller would read somebody else's answer";
}

TEST_F(UpstreamConnectionsTest, ClosesIdleOnesInTime) {
  limits_.idle = 50ms;
  open_pool();
  test::LoopbackListener listener;
  const auto address = address_of(listener.port());
  auto stream = connect(address).value();
  auto peer = listener.accept();
  pool_->give_back(address, std::move(stream));
  turn(300ms);
  EXPECT_EQ(pool_->idle_count(), 0U);
  EXPECT_TRUE(peer.closes_within(1s));
}

TEST_F(UpstreamConnectionsTest, SaysThatAPortIsClosed) {
  open_pool();
  std::uint16_t port = 0;
  {
    const test::LoopbackListener listener;
    port = listener.port();
  }
  const auto refused = connect(address_of(port));
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().code(), "upstream_unreachable");
  EXPECT_NE(refused.error().cause().find("refused"), std::string::npos) << refused.error().cause();
}

TEST_F(UpstreamConnectionsTest, ConnectsToPublicAddressesOnlyWhereThatIsAsked) {
  open_pool();
  const test::LoopbackListener listener;
  for (const auto* host : {"127.0.0.1", "localhost"}) {
    auto address = address_of(listener.port(), false, host);
    ASSERT_TRUE(connect(address).has_value());
    const auto open_key = address.pool_key;
    address.require_public();
    EXPECT_NE(address.pool_key, open_key);
    const auto refused = connect(address);
    ASSERT_TRUE(refused.has_error()) << host;
    EXPECT_EQ(refused.error().code(), "upstream_unreachable");
    EXPECT_NE(refused.error().cause().find("not public"), std::string::npos) << refused.error().cause();
  }
}

TEST_F(UpstreamConnectionsTest, GivesUpOnAnAddressThatDoesNotAnswer) {
  open_pool();
  const test::LoopbackListener deaf(0);
  std::vector<test::BlockingSocket> fill;
  fill.push_back(test::BlockingSocket::to_port(deaf.port()));
  const auto begin = std::chrono::steady_clock::now();
  const auto silent = connect(address_of(deaf.port()));
  ASSERT_TRUE(silent.has_error());
  EXPECT_EQ(silent.error().code(), "upstream_connect_timeout");
  EXPECT_EQ(silent.error().kind(), ErrorKind::gateway_timeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
}

TEST_F(UpstreamConnectionsTest, SaysThatANameIsUnknown) {
  limits_.connect = 5s;
  open_pool();
  const auto unknown = connect(address_of(80, false, "no-such-host.invalid"));
  ASSERT_TRUE(unknown.has_error());
}

class TlsUpstreamTest : public UpstreamConnectionsTest {
 protected:
  // A listener whose handshakes run on the same loop.
  Connected connect_over_tls(const std::string& certified, const std::string& host, bool trusted = true) {
    test::write_certificate(folder_.file("cert.pem"), folder_.file("key.pem"), certified);
    authority_.emplace(trusted ? folder_.file("cert.pem") : "");
    ours_.emplace(folder_.file("cert.pem"), folder_.file("key.pem"));
    open_pool();
    const auto address = address_of(listener_.port(), true, host);
    std::optional<Connected> outcome;
    boost::asio::co_spawn(worker_.executor(), test::keep_outcome(pool_->connect(address), outcome),
                          test::rethrow);
    for (int i = 0; i < 100 && !outcome; ++i) {
      turn(10ms);
      if (const int accepted = listener_.accept_within(0ms); accepted >= 0) {
        ::fcntl(accepted, F_SETFL, O_NONBLOCK);
        peers_.push_back(std::make_unique<Stream>(worker_.context(), worker_.wheel(), accepted));
        peers_.back()->use_tls(ours_->make_session(accepted));
        shook_.emplace_back();
        boost::asio::co_spawn(worker_.executor(),
                              test::keep_outcome(peers_.back()->handshake(), shook_.back()), test::rethrow);
      }
    }
    return std::move(outcome).value();
  }
  test::LoopbackListener listener_;
  std::optional<TlsServer> ours_;
  std::list<std::optional<bool>> shook_;
  std::vector<std::unique_ptr<Stream>> peers_;
};

TEST_F(TlsUpstreamTest, ConnectsToANameAndToAnAddress) {
  auto by_name = connect_over_tls("DNS:localhost", "localhost");
  ASSERT_TRUE(by_name.has_value()) << by_name.error().cause();
  EXPECT_TRUE(by_name.value()->is_tls());
  auto by_address = connect_over_tls("IP:127.0.0.1", "127.0.0.1");
  ASSERT_TRUE(by_address.has_value()) << by_address.error().cause();
}

TEST_F(TlsUpstreamTest, RefusesACertificateForAnotherName) {
  const auto refused = connect_over_tls("DNS:provider.example", "localhost");
  ASSERT_TRUE(refused.has_error());
  EXPECT_NE(refused.error().cause().find("ostname"), std::string::npos) << refused.error().cause();
}

TEST_F(TlsUpstreamTest, RefusesACertificateForAnotherAddress) {
  EXPECT_TRUE(connect_over_tls("DNS:localhost", "127.0.0.1").has_error());
}

TEST_F(TlsUpstreamTest, RefusesAnAuthorityItDoesNotTrust) {
  const auto refused = connect_over_tls("DNS:localhost", "localhost", false);
  ASSERT_TRUE(refused.has_error());
  EXPECT_NE(refused.error().cause().find("self"), std::string::npos) << refused.error().cause();
}

}  // namespace upstream_connections_test
}  // namespace relay
