// Requests that two parsers could read in two ways: refused and closed before anybody hears of them.
#include "net/http_server_under_test.h"

namespace relay {
namespace http_server_refusals_test {

struct Refused {
  const char* name;
  std::string request;
  int status;
};

// Behind each stands what a smuggler hopes for: a second request.
const std::string kSmuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

std::vector<Refused> refused() {
  const std::string post = "POST /x HTTP/1.1\r\nHost: a\r\n";
  std::string many;
  for (int i = 0; i < 140; ++i) many += "x-" + std::to_string(i) + ": 1\r\n";
  return {
      {"BothLengths", post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"TwoLengths", post + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde", 400},
      {"TwoEqualLengths", post + "Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd", 400},
      {"ListOfLengths", post + "Content-Length: 4, 4\r\n\r\nabcd", 400},
      {"SignedLength", post + "Content-Length: +4\r\n\r\nabcd", 400},
      {"HexLength", post + "Content-Length: 0x4\r\n\r\nabcd", 400},
      {"HugeLength", post + "Content-Length: 99999999999999999999\r\n\r\n", 400},
      {"OtherCoding", post + "Transfer-Encoding: gzip, chunked\r\n\r\n", 400},
      {"ChunkedTwice", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       400},
      {"ChunkedQuoted", post + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", 400},
      {"ChunkedIn10", "POST /x HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"Folded", "GET /x HTTP/1.1\r\nHost: a\r\nx: 1\r\n y\r\n\r\n", 400},
      {"SpaceBeforeFirstField", "GET /x HTTP/1.1\r\n Host: a\r\n\r\n", 400},
      {"BareLf", "GET /x HTTP/1.1\nHost: a\n\n", 400},
      {"BareCr", "GET /x HTTP/1.1\r\nHost: a\r\nx: 1\ry\r\n\r\n", 400},
      {"Nul", std::string("GET /x HTTP/1.1\r\nHost: a\r\nx: 1") + '\0' + "y\r\n\r\n", 400},
      {"SpaceBeforeColon", "GET /x HTTP/1.1\r\nHost: a\r\nx : 1\r\n\r\n", 400},
      {"NoColon", "GET /x HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n", 400},
      {"EmptyName", "GET /x HTTP/1.1\r\nHost: a\r\n: 1\r\n\r\n", 400},
      {"NoHost", "GET /x HTTP/1.1\r\nx: 1\r\n\r\n", 400},
      {"TwoHosts", "GET /x HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
      {"BrokenLine", "GET  /x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"NoVersion", "GET /x\r\nHost: a\r\n\r\n", 400},
      {"OtherVersion", "GET /x HTTP/2.0\r\nHost: a\r\n\r\n", 400},
      {"LowerVersion", "GET /x http/1.1\r\nHost: a\r\n\r\n", 400},
      {"LongTarget", "GET /" + std::string(9000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
      {"LongField", "GET /x HTTP/1.1\r\nHost: a\r\nx: " + std::string(17'000, 'x') + "\r\n\r\n", 431},
      {"ManyFields", "GET /x HTTP/1.1\r\nHost: a\r\n" + many + "\r\n", 431},
  };
}

class HttpServerRefuses : public test::HttpServerUnderTest {};

TEST_F(HttpServerRefuses, HeadsThatReadTwoWays) {
  start();
  for (const auto& item : refused()) {
    const auto answer = ask(item.request + kSmuggled);
    EXPECT_EQ(answer.substr(0, 13), "HTTP/1.1 " + std::to_string(item.status) + " ") << item.name;
    EXPECT_NE(answer.find("Connection: close"), std::string::npos) << item.name;
    EXPECT_EQ(answer.find("HTTP/1.1 ", 5), std::string::npos) << item.name << ": a second answer";
    EXPECT_EQ(calls_, 0) << item.name << ": the handler heard of it";
  }
}

// One byte at a time they are the same heads.
TEST_F(HttpServerRefuses, TheSameInPieces) {
  start();
  for (const auto& item : refused()) {
    if (item.request.size() > 200) continue;
    auto socket = dial();
    for (const char c : item.request) {
      if (!socket.send({&c, 1})) break;
    }
    const auto answer = socket.receive_all();
    EXPECT_EQ(answer.substr(0, 13), "HTTP/1.1 " + std::to_string(item.status) + " ") << item.name;
    EXPECT_EQ(calls_, 0) << item.name;
  }
}

TEST_F(HttpServerRefuses, BodiesWithBrokenChunks) {
  start();
  for (const std::string body :
       {"g\r\n", "-1\r\nx\r\n0\r\n\r\n", "4\nabcd\r\n0\r\n\r\n", "4\r\nabcdX\r\n0\r\n\r\n",
        "0x4\r\nabcd\r\n0\r\n\r\n", "4 \r\nabcd\r\n0\r\n\r\n", "ffffffffffffffff\r\nabcd",
        "0\r\nbad trailer\r\n\r\n"}) {
    calls_ = 0;
    const auto answer =
        ask("POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body + kSmuggled);
    EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 400") << body;
    EXPECT_EQ(answer.find("/smuggled"), std::string::npos) << body;
    EXPECT_EQ(calls_, 1) << body;
  }
}

TEST_F(HttpServerRefuses, BodiesThatAreTooLarge) {
  start();
  const auto sized =
      ask("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 100001\r\n\r\n" + std::string(50'000, 'x'));
  EXPECT_EQ(sized.substr(0, 12), "HTTP/1.1 413");
  std::string chunked = "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 26; ++i) chunked += "1000\r\n" + std::string(4096, 'x') + "\r\n";
  EXPECT_EQ(ask(chunked).substr(0, 12), "HTTP/1.1 413");
}

TEST_F(HttpServerRefuses, AClientThatIsStillSendingSeesItsAnswer) {
  start();
  auto socket = dial();
  EXPECT_TRUE(socket.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n"));
  EXPECT_EQ(socket.receive_until("\r\n\r\n").substr(0, 12), "HTTP/1.1 413");
  EXPECT_TRUE(socket.send(std::string(3'000'000, 'x')));
  socket.shut_sending();
  socket.receive_all();
  EXPECT_TRUE(socket.ended());
  EXPECT_FALSE(socket.was_reset());
}

TEST_F(HttpServerRefuses, ToReadOnWithoutEnd) {
  start();
  auto socket = dial();
  socket.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 300000000\r\n\r\n");
  const std::string megabyte(1'000'000, 'x');
  int sent = 0;
  while (sent < 300 && socket.send(megabyte)) ++sent;
  EXPECT_LT(sent, 30);
}

}  // namespace http_server_refusals_test
}  // namespace relay
