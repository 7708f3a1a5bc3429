#include "net/upstream_proxy.h"

#include "fakes/await.h"
#include "fakes/scripted_upstream.h"
#include "fakes/test_certificate.h"
#include "net/tls.h"
#include "net/upstream_connections.h"
#include "net/worker.h"
#include "store/temporary_folder.h"
#include "text/base64.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

namespace relay {
namespace upstream_proxy_test {

using namespace std::chrono_literals;
using Connected = Result<std::unique_ptr<Stream>>;

std::string words_of(std::string_view text) {
  const auto refused = UpstreamProxy::parse(text, "proxy");
  return refused.has_error() ? refused.error().message() : "";
}

TEST(UpstreamProxy, ReadsBothKinds) {
  const auto http = UpstreamProxy::parse("http://proxy.example", "proxy").value();
  EXPECT_EQ(http.kind(), UpstreamProxy::Kind::http_connect);
  EXPECT_EQ(http.shown(), "http://proxy.example:8080");
  EXPECT_FALSE(http.has_credentials());

  const auto socks = UpstreamProxy::parse("socks5h://us%40er:p%3Aw%2F@[2001:db8::1]:9050/", "proxy").value();
  EXPECT_EQ(socks.kind(), UpstreamProxy::Kind::socks5);
  EXPECT_EQ(socks.host(), "2001:db8::1");
  EXPECT_EQ(socks.user(), "us@er");
  EXPECT_EQ(socks.password(), "p:w/");
  EXPECT_EQ(socks.shown(), "socks5://[2001:db8::1]:9050");
  EXPECT_EQ(socks.identity().find("p:w"), std::string::npos);
  EXPECT_NE(socks.identity(),
            UpstreamProxy::parse("socks5://us%40er:other@[2001:db8::1]:9050", "proxy")->identity());
}

TEST(UpstreamProxy, RefusesWhatIsNone) {
  for (const char* text :
       {"", "proxy.example:8080", "https://proxy.example", "http://", "http://:8080", "http://host:0",
        "http://host:65536", "http://host:80x", "http://host:8080/path", "http://ho st",
        "http://2001:db8::1:80", "http://[host]:x", "http://%zz@host", "http://:secret@host",
        "http://a%0d%0ab:secret@host", "http://a%3ab:secret@host"}) {
    EXPECT_TRUE(UpstreamProxy::parse(text, "proxy").has_error()) << text;
    EXPECT_EQ(words_of(text).find("secret"), std::string::npos) << words_of(text);
  }
  EXPECT_TRUE(UpstreamProxy::parse("http://" + std::string(256, 'u') + ":p@host", "proxy").has_error());
  EXPECT_NE(words_of("ftp://host").find("proxy"), std::string::npos);
}

class ProxiedConnectionsTest : public testing::Test {
 protected:
  ProxiedConnectionsTest() {
    limits_.connect = 400ms;
    authority_.emplace("");
  }
  static UpstreamAddress through(const std::string& scheme, std::uint16_t port, bool tls = false,
                                 const std::string& credentials = "",
                                 const std::string& host = "provider.invalid") {
    UpstreamAddress address{.host = host, .port = "443", .tls = tls, .pool_key = {}};
    const auto text = scheme + "://" + credentials + "127.0.0.1:" + std::to_string(port);
    address.go_through(std::make_shared<const UpstreamProxy>(UpstreamProxy::parse(text, "proxy").value()));
    return address;
  }
  Connected connect(const UpstreamAddress& address) {
    if (!pool_) pool_.emplace(worker_, *authority_, limits_);
    return run(pool_->connect(address));
  }
  template <class Value>
  Value run(Awaitable<Value> work) {
    std::optional<Value> outcome;
    boost::asio::co_spawn(worker_.executor(), test::keep_outcome(std::move(work), outcome), test::rethrow);
    worker_.context().restart();
    while (!outcome && worker_.context().run_one_for(5s) > 0) {
    }
    return std::move(outcome).value();
  }
  std::string cause_of(const UpstreamAddress& address) {
    const auto refused = connect(address);
    return refused.has_error() ? refused.error().cause() : "connected";
  }
  // Says "ping" and wants "pong" behind it.
  bool answers(Stream& stream) {
    if (!run(stream.write_all(std::string_view("ping"), 1s))) return false;
    char room[16];
    const auto outcome = run(read(stream, room));
    return std::string_view(room, outcome.bytes) == "pong";
  }
  static Awaitable<ReadOutcome> read(Stream& stream, std::span<char> room) {
    stream.close_in(2s);
    while (true) {
      const auto outcome = stream.try_read(room);
      if (outcome.status != ReadOutcome::Status::would_block) co_return outcome;
      const bool open = co_await stream.readable();
      if (!open) co_return ReadOutcome{};
    }
  }

  UpstreamLimits limits_;
  test::TemporaryFolder folder_;
  std::optional<TlsClient> authority_;
  Worker worker_{0};
  std::optional<UpstreamConnections> pool_;
};

void play_pong(test::BlockingSocket& connection) {
  EXPECT_EQ(connection.receive_exactly(4), "ping");
  connection.send("pong");
}

TEST_F(ProxiedConnectionsTest, AsksForATunnelAndUsesIt) {
  std::string asked;
  test::ScriptedUpstream proxy([&asked](test::BlockingSocket& connection, int) {
    asked = connection.receive_until("\r\n\r\n");
    connection.send("HTTP/1.1 200 Connection established\r\nVia: 1.1 proxy\r\n\r\n");
    play_pong(connection);
  });
  auto stream = connect(through("http", proxy.port(), false, "us:p%3Aw@"));
  ASSERT_TRUE(stream.has_value()) << stream.error().cause();
  EXPECT_TRUE(answers(**stream));
  EXPECT_EQ(
      asked,
      "CONNECT provider.invalid:443 HTTP/1.1\r\nHost: provider.invalid:443\r\nProxy-Authorization: Basic " +
          to_base64("us:p:w") + "\r\n\r\n")
      << "the name is looked up by the proxy";
}

TEST_F(ProxiedConnectionsTest, SpeaksTlsInsideTheTunnel) {
  test::write_certificate(folder_.file("cert.pem"), folder_.file("key.pem"), "DNS:provider.invalid");
  authority_.emplace(folder_.file("cert.pem"));
  const TlsServer provider(folder_.file("cert.pem"), folder_.file("key.pem"));
  test::ScriptedUpstream proxy([&provider](test::BlockingSocket& connection, int) {
    static_cast<void>(connection.receive_until("\r\n\r\n"));
    connection.send("HTTP/1.0 200 OK\r\n\r\n");
    auto* session = provider.make_session(connection.descriptor());
    SSL_set_accept_state(session);
    char room[8];
    if (SSL_do_handshake(session) == 1 && SSL_read(session, room, sizeof room) == 4)
      SSL_write(session, "pong", 4);
    SSL_free(session);
  });
  limits_.connect = 5s;
  auto stream = connect(through("http", proxy.port(), true));
  ASSERT_TRUE(stream.has_value()) << stream.error().cause();
  EXPECT_TRUE((*stream)->is_tls());
  EXPECT_TRUE(answers(**stream));
}

TEST_F(ProxiedConnectionsTest, SaysWhyThereIsNoTunnel) {
  const auto answers_with = [this](const std::string& answer) {
    test::ScriptedUpstream proxy([&answer](test::BlockingSocket& connection, int) {
      static_cast<void>(connection.receive_until("\r\n\r\n"));
      connection.send(answer);
      connection.closes_within(1s);
    });
    return cause_of(through("http", proxy.port(), false, "us:pass-word@"));
  };
  for (const auto& [answer, words] : std::vector<std::pair<std::string, std::string>>{
           {"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "407"},
           {"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", "503"},
           {"HTTP/1.1 101 Switching\r\n\r\n", "101"},
           {"SSH-2.0-OpenSSH\r\n\r\n", "not valid HTTP"},
           {"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "nobody asked for"},
           {"HTTP/1.1 200 OK\r\nX: " + std::string(9'000, 'x'), "not valid HTTP"},
           {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 502 Away\r\n\r\n", "502"}}) {
    const auto cause = answers_with(answer);
    EXPECT_NE(cause.find(words), std::string::npos) << cause;
    EXPECT_EQ(cause.find("pass-word"), std::string::npos) << cause;
  }
}

TEST_F(ProxiedConnectionsTest, DoesNotWaitForAProxyLongerThanForAConnection) {
  test::ScriptedUpstream proxy([](test::BlockingSocket& connection, int) { connection.closes_within(3s); });
  const auto began = std::chrono::steady_clock::now();
  for (const char* scheme : {"http", "socks5"}) {
    const auto refused = connect(through(scheme, proxy.port()));
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(refused.error().code(), "upstream_connect_timeout");
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, 3s);
}

TEST_F(ProxiedConnectionsTest, SaysThatTheProxyIsAway) {
  std::uint16_t port = 0;
  {
    const test::LoopbackListener listener;
    port = listener.port();
  }
  const auto cause = cause_of(through("socks5", port));
  EXPECT_NE(cause.find("through socks5://127.0.0.1"), std::string::npos) << cause;
}

TEST_F(ProxiedConnectionsTest, SpeaksSocksWithUserAndPassword) {
  std::string asked;
  test::ScriptedUpstream proxy([&asked](test::BlockingSocket& connection, int) {
    asked = connection.receive_exactly(4);
    connection.send(std::string("\x05\x02", 2));
    asked += connection.receive_exactly(3 + 2 + 2);
    connection.send(std::string("\x01\x00", 2));
    asked += connection.receive_exactly(5 + 16 + 2);
    // The address that the proxy connects from: in pieces, as the network likes it.
    connection.send(std::string("\x05\x00\x00\x03\x05", 5));
    std::this_thread::sleep_for(20ms);
    connection.send(std::string("proxy\x00\x50", 7));
    play_pong(connection);
  });
  auto stream = connect(through("socks5", proxy.port(), false, "us:pw@"));
  ASSERT_TRUE(stream.has_value()) << stream.error().cause();
  EXPECT_TRUE(answers(**stream));
  EXPECT_EQ(asked, std::string("\x05\x02\x00\x02", 4) + std::string("\x01\x02us\x02pw", 7) +
                       std::string("\x05\x01\x00\x03\x10provider.invalid\x01\xbb", 23));
}

TEST_F(ProxiedConnectionsTest, SpeaksSocksToAnAddressWithoutSigningIn) {
  std::string asked;
  test::ScriptedUpstream proxy([&asked](test::BlockingSocket& connection, int) {
    asked = connection.receive_exactly(3);
    connection.send(std::string("\x05\x00", 2));
    asked += connection.receive_exactly(10);
    connection.send(std::string("\x05\x00\x00\x01\x7f\x00\x00\x01\x04\x38", 10));
    play_pong(connection);
  });
  auto stream = connect(through("socks5", proxy.port(), false, "", "192.0.2.7"));
  ASSERT_TRUE(stream.has_value()) << stream.error().cause();
  EXPECT_TRUE(answers(**stream));
  EXPECT_EQ(asked,
            std::string("\x05\x01\x00", 3) + std::string("\x05\x01\x00\x01\xc0\x00\x02\x07\x01\xbb", 10));
}

TEST_F(ProxiedConnectionsTest, SaysWhySocksRefused) {
  const auto answers_with = [this](const std::string& greeting, const std::string& reply) {
    test::ScriptedUpstream proxy([&](test::BlockingSocket& connection, int) {
      static_cast<void>(connection.receive_exactly(3));
      connection.send(greeting);
      if (reply.empty()) return;
      static_cast<void>(connection.receive_exactly(23));
      connection.send(reply);
      connection.closes_within(1s);
    });
    return cause_of(through("socks5", proxy.port()));
  };
  const std::string welcome("\x05\x00", 2);
  EXPECT_NE(answers_with(std::string("\x05\xff", 2), "").find("sign in"), std::string::npos);
  EXPECT_NE(answers_with(std::string("\x05\x02", 2), "").find("sign in"), std::string::npos);
  EXPECT_NE(answers_with("HTTP/1.1 400 Bad Request\r\n\r\n", "").find("SOCKS5"), std::string::npos);
  EXPECT_NE(answers_with(welcome, std::string("\x05\x05\x00\x01\x00", 5)).find("connection was refused"),
            std::string::npos);
  EXPECT_NE(answers_with(welcome, std::string("\x05\x7f\x00\x01\x00", 5)).find("unknown reason"),
            std::string::npos);
  EXPECT_NE(answers_with(welcome, std::string("\x05\x00\x00\x09\x00", 5)).find("not valid SOCKS5"),
            std::string::npos);
}

TEST_F(ProxiedConnectionsTest, SharesConnectionsOnlyWithThoseThatGoTheSameWay) {
  UpstreamAddress straight{.host = "provider.invalid", .port = "443", .tls = false, .pool_key = {}};
  straight.go_through(nullptr);
  const auto by_first = through("http", 1001);
  EXPECT_EQ(by_first.pool_key, through("http", 1001).pool_key);
  EXPECT_NE(by_first.pool_key, straight.pool_key);
  EXPECT_NE(by_first.pool_key, through("http", 1002).pool_key);
  EXPECT_NE(by_first.pool_key, through("socks5", 1001).pool_key);
  EXPECT_NE(by_first.pool_key, through("http", 1001, false, "us:pw@").pool_key);
}

}  // namespace upstream_proxy_test
}  // namespace relay
