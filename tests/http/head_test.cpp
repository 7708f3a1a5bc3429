#include "http/head.h"

#include "http/field_bytes.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace relay {
namespace head_test {

struct Parsed {
  HeadState state = HeadState::need_more;
  HeadFault fault = HeadFault::none;
  std::string bytes;
  ParsedHead head;
};

/// Byte by byte into a buffer of exactly that size, so that ASan sees a look past the end.
Parsed read(std::string_view bytes, std::size_t step, bool answer, const HeadLimits& limits = {}) {
  Parsed parsed;
  HeadReader reader(limits);
  for (std::size_t size = std::min(step, bytes.size()); parsed.state == HeadState::need_more;) {
    const auto buffer = std::make_unique<char[]>(size);
    bytes.copy(buffer.get(), size);
    const std::string_view view(buffer.get(), size);
    parsed.state = answer ? reader.read_answer(view, parsed.head) : reader.read_request(view, parsed.head);
    if (size == bytes.size()) break;
    size = std::min(size + step, bytes.size());
  }
  parsed.fault = reader.fault();
  parsed.bytes = bytes;
  parsed.head.rebase(parsed.bytes.data());
  return parsed;
}

Parsed request(std::string_view bytes, const HeadLimits& limits = {}) {
  auto whole = read(bytes, bytes.size(), false, limits);
  for (const std::size_t step : {1U, 2U, 5U}) {
    const auto slow = read(bytes, step, false, limits);
    if (slow.state == HeadState::need_more) continue;  // the fault shows when the head ends
    EXPECT_EQ(slow.state, whole.state) << bytes;
    EXPECT_EQ(slow.fault, whole.fault) << bytes;
    EXPECT_TRUE(whole.state == HeadState::refused || slow.head.field_count() == whole.head.field_count())
        << bytes;
  }
  whole.head.rebase(whole.bytes.data());
  return whole;
}

HeadFault fault_of(std::string_view bytes) {
  const auto parsed = request(bytes);
  EXPECT_EQ(parsed.state, HeadState::refused) << bytes;
  return parsed.fault;
}

HeadFault fault_of_fields(const std::string& fields) {
  return fault_of("POST /v1/messages HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n");
}

HeadFault fault_of_answer(std::string_view bytes) {
  const auto parsed = read(bytes, bytes.size(), true);
  EXPECT_EQ(parsed.state, HeadState::refused) << bytes;
  return parsed.fault;
}

constexpr std::string_view kPlain =
    "POST /v1/messages?beta=true HTTP/1.1\r\n"
    "Host: relay.test:3001\r\n"
    "X-API-Key: \t cr_secret \t\r\n"
    "content-length: 12\r\n"
    "Empty:\r\n"
    "\r\n";

TEST(FieldBytes, ATokenEndsAtTheFirstByteThatNoneHas) {
  for (std::size_t bytes = 0; bytes < 40; ++bytes) {
    const std::string name = std::string("X-Relay_Name.09-azAZ!#$%&'*+^`|~Quite-Long-Name").substr(0, bytes);
    EXPECT_EQ(skip_token(name.data(), name.data() + bytes), name.data() + bytes);
    for (std::size_t at = 0; at < bytes; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        auto text = name;
        text[at] = static_cast<char>(byte);
        const auto* end = text.data() + bytes;
        ASSERT_EQ(skip_token(text.data(), end), is_token_byte(text[at]) ? end : text.data() + at)
            << byte << " at " << at << " of " << bytes;
      }
    }
  }
}

TEST(Head, ReadsARequest) {
  const auto parsed = request(std::string(kPlain) + "{\"model\":1}");
  ASSERT_EQ(parsed.state, HeadState::complete);
  const auto& head = parsed.head;
  EXPECT_EQ(head.method(), "POST");
  EXPECT_EQ(head.target(), "/v1/messages?beta=true");
  EXPECT_EQ(head.path(), "/v1/messages");
  EXPECT_EQ(head.query(), "beta=true");
  EXPECT_TRUE(head.has_query());
  EXPECT_EQ(head.host(), "relay.test:3001");
  EXPECT_EQ(head.minor_version(), 1);
  EXPECT_EQ(head.head_bytes(), kPlain.size());
  EXPECT_EQ(head.field_count(), 4U);
  EXPECT_EQ(head.value(KnownField::x_api_key), "cr_secret");
  EXPECT_EQ(head.value("empty"), "");
  EXPECT_EQ(head.field(3).name, "Empty");
  EXPECT_EQ(head.content_length(), 12U);
  EXPECT_TRUE(head.keep_alive());
  EXPECT_FALSE(head.chunked());
  EXPECT_FALSE(head.has(KnownField::authorization));
  EXPECT_EQ(body_of_request(head).left_bytes(), 12U);
}

TEST(Head, NeedsMoreUntilTheEmptyLine) {
  for (std::size_t size = 0; size < kPlain.size(); ++size) {
    EXPECT_EQ(read(kPlain.substr(0, size), std::max<std::size_t>(size, 1), false).state, HeadState::need_more)
        << size;
    EXPECT_EQ(read(kPlain.substr(0, size), 1, false).state, HeadState::need_more) << size;
  }
  EXPECT_EQ(read(kPlain, 1, false).state, HeadState::complete);
}

TEST(Head, MovesWithItsBuffer) {
  auto parsed = request(kPlain);
  const std::string copy = "xxx" + std::string(kPlain);
  parsed.head.rebase(copy.data() + 3);
  EXPECT_EQ(parsed.head.path().data(), copy.data() + 3 + 5);
  EXPECT_EQ(parsed.head.value(KnownField::host), "relay.test:3001");
}

TEST(Head, KnowsItsFieldsByIndexAndCountsRepetitions) {
  const auto parsed = request(
      "GET / HTTP/1.1\r\nHost: a\r\nAUTHORIZATION: Bearer 1\r\nauthorization: Bearer 2\r\nX-Forwarded-For: "
      "1.2.3.4\r\n"
      "x-unheard-of: 1\r\n\r\n");
  EXPECT_EQ(parsed.head.value(KnownField::authorization), "Bearer 1");
  EXPECT_TRUE(parsed.head.repeated(KnownField::authorization));
  EXPECT_FALSE(parsed.head.repeated(KnownField::x_forwarded_for));
  EXPECT_EQ(parsed.head.field(4).known, KnownField::other);
  EXPECT_EQ(known_field("x-forwarded-port"), KnownField::x_forwarded_port);
  EXPECT_EQ(known_field("X-Forwarded-Host"), KnownField::x_forwarded_host);
  EXPECT_EQ(known_field(""), KnownField::other);
}

TEST(Head, TakesTheFormsOfTargets) {
  EXPECT_EQ(request("GET / HTTP/1.1\r\nHost: a\r\n\r\n").head.path(), "/");
  const auto absolute = request("GET http://b.test:80/x?y#z HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(absolute.fault, HeadFault::bad_target);  // a fragment
  const auto proxied = request("GET http://b.test:80/x?y HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(proxied.head.host(), "b.test:80");
  EXPECT_EQ(proxied.head.path(), "/x");
  EXPECT_EQ(proxied.head.query(), "y");
  EXPECT_EQ(request("GET http://b.test HTTP/1.1\r\nHost: a\r\n\r\n").head.path(), "/");
  EXPECT_EQ(request("GET http://b.test?q HTTP/1.1\r\nHost: a\r\n\r\n").head.path(), "/");
  EXPECT_EQ(request("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").head.path(), "*");
  EXPECT_EQ(fault_of("GET * HTTP/1.1\r\nHost: a\r\n\r\n"), HeadFault::bad_target);
  EXPECT_EQ(fault_of("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"), HeadFault::connect_refused);
  EXPECT_EQ(fault_of("GET a:443 HTTP/1.1\r\nHost: a\r\n\r\n"), HeadFault::bad_target);
  EXPECT_EQ(fault_of("GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"), HeadFault::bad_target);
  EXPECT_EQ(fault_of("GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n"), HeadFault::bad_target);
  EXPECT_EQ(fault_of("GET http://user@a/ HTTP/1.1\r\nHost: a\r\n\r\n"), HeadFault::bad_target);
  EXPECT_EQ(fault_of("GET x HTTP/1.1\r\nHost: a\r\n\r\n"), HeadFault::bad_target);
}

TEST(Head, RefusesABrokenRequestLine) {
  for (const std::string_view line :
       {"GET  / HTTP/1.1", "GET /  HTTP/1.1", "GET / HTTP/1.1 ", " GET / HTTP/1.1", "GET /", "GET", "GET / ",
        "GET HTTP/1.1", "GET / x HTTP/1.1", "G(T / HTTP/1.1", "GET /\tHTTP/1.1", "GET / http/1.1",
        "\x16\x03\x01"}) {
    const auto fault = fault_of(std::string(line) + "\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(fault == HeadFault::bad_request_line || fault == HeadFault::bad_target) << line;
  }
  EXPECT_EQ(fault_of("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), HeadFault::bad_request_line);
  EXPECT_EQ(fault_of(std::string(kMethodBytesMax + 1, 'A') + " / HTTP/1.1\r\nHost: a\r\n\r\n"),
            HeadFault::bad_request_line);
  EXPECT_EQ(fault_of("GET /\x80 HTTP/1.1\r\nHost: a\r\n\r\n"), HeadFault::bad_target);
  EXPECT_EQ(fault_of("GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n"), HeadFault::bad_target);
}

TEST(Head, PassesOverOneEmptyLineBefore) {
  EXPECT_EQ(request("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").state, HeadState::complete);
}

TEST(Head, RefusesOtherVersions) {
  for (const std::string_view version : {"HTTP/2.0", "HTTP/1.2", "HTTP/0.9", "HTTP/3", "HTTP/x"}) {
    EXPECT_EQ(fault_of("GET / " + std::string(version) + "\r\nHost: a\r\n\r\n"), HeadFault::bad_version)
        << version;
  }
  EXPECT_EQ(request("GET / HTTP/1.0\r\n\r\n").head.minor_version(), 0);
}

TEST(Head, RefusesTwoLengths) {
  EXPECT_EQ(fault_of_fields("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), HeadFault::both_lengths);
  EXPECT_EQ(fault_of_fields("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), HeadFault::both_lengths);
  EXPECT_EQ(fault_of_fields("Content-Length: 5\r\nContent-Length: 5\r\n"), HeadFault::several_lengths);
  EXPECT_EQ(fault_of_fields("Content-Length: 5\r\ncontent-length: 6\r\n"), HeadFault::several_lengths);
  EXPECT_EQ(fault_of_fields("Content-Length: 5, 5\r\n"), HeadFault::several_lengths);
}

TEST(Head, RefusesBadLengths) {
  for (const std::string_view length :
       {"", "-1", "+5", "5 5", "0x5", "5.0", "5a", "1e3", "9223372036854775808", "18446744073709551616",
        "99999999999999999999"}) {
    EXPECT_EQ(fault_of_fields("Content-Length: " + std::string(length) + "\r\n"), HeadFault::bad_length)
        << length;
  }
  EXPECT_EQ(request("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775807\r\n\r\n")
                .head.content_length(),
            9223372036854775807U);
  EXPECT_EQ(request("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 007\r\n\r\n").head.content_length(), 7U);
}

TEST(Head, RefusesEveryTransferEncodingButChunked) {
  for (const std::string_view coding : {"gzip", "gzip, chunked", "chunked, chunked", "chunked, identity",
                                        "identity", "", "xchunked", "chunked;x=1", "\"chunked\"", "chunked,",
                                        "\x0b"
                                        "chunked"}) {
    const auto fault = fault_of_fields("Transfer-Encoding: " + std::string(coding) + "\r\n");
    EXPECT_TRUE(fault == HeadFault::bad_transfer_encoding || fault == HeadFault::control_byte) << coding;
  }
  EXPECT_EQ(fault_of_fields("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
            HeadFault::bad_transfer_encoding);
  EXPECT_EQ(fault_of("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"),
            HeadFault::transfer_encoding_in_1_0);
  const auto chunked = request("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n");
  EXPECT_TRUE(chunked.head.chunked());
  EXPECT_EQ(body_of_request(chunked.head).kind(), BodyFraming::Kind::chunked);
}

TEST(Head, RefusesBareLineEndsAndFolds) {
  EXPECT_EQ(fault_of("GET / HTTP/1.1\nHost: a\n\n"), HeadFault::bare_lf);
  EXPECT_EQ(fault_of("GET\n"), HeadFault::bare_lf);
  EXPECT_EQ(fault_of("GET /\n"), HeadFault::bare_lf);
  EXPECT_EQ(fault_of_fields("A: b\nC: d\r\n"), HeadFault::bare_lf);
  EXPECT_EQ(fault_of_fields("A\n"), HeadFault::bare_lf);
  EXPECT_EQ(fault_of_fields("\n"), HeadFault::bare_lf);
  EXPECT_EQ(fault_of_fields("A: b\rC: d\r\n"), HeadFault::bare_cr);
  EXPECT_EQ(fault_of_fields("A: b\r\r\n"), HeadFault::bare_cr);
  EXPECT_EQ(fault_of_fields("\rA: b\r\n"), HeadFault::bare_cr);
  EXPECT_EQ(fault_of_fields("A: b\r\n c\r\n"), HeadFault::folded_line);
  EXPECT_EQ(fault_of_fields("A: b\r\n\tc\r\n"), HeadFault::folded_line);
  EXPECT_EQ(fault_of("GET / HTTP/1.1\r\n Host: a\r\n\r\n"), HeadFault::folded_line);
}

TEST(Head, RefusesControlBytes) {
  for (int c = 0; c < 256; ++c) {
    if (c == '\r' || c == '\n') continue;
    const bool control = (c < 0x20 && c != '\t') || c == 0x7f;
    for (const std::size_t at : {0U, 3U, 15U, 16U, 17U, 40U}) {
      std::string value(48, 'x');
      value[at] = static_cast<char>(c);
      const auto parsed = request("GET / HTTP/1.1\r\nHost: a\r\nA: b" + value + "\r\n\r\n");
      EXPECT_EQ(parsed.state, control ? HeadState::refused : HeadState::complete) << c << " at " << at;
      EXPECT_EQ(parsed.fault, control ? HeadFault::control_byte : HeadFault::none);
    }
  }
}

TEST(Head, RefusesBadNames) {
  EXPECT_EQ(fault_of_fields("A : b\r\n"), HeadFault::space_before_colon);
  EXPECT_EQ(fault_of_fields("A\t: b\r\n"), HeadFault::space_before_colon);
  EXPECT_EQ(fault_of_fields("Content-Length : 5\r\n"), HeadFault::space_before_colon);
  EXPECT_EQ(fault_of_fields(": b\r\n"), HeadFault::empty_name);
  EXPECT_EQ(fault_of_fields("no colon\r\n"), HeadFault::space_before_colon);
  EXPECT_EQ(fault_of_fields("nocolon\r\n"), HeadFault::bad_name);
  for (const std::string_view name : {"a(b", "a/b", "a@b",
                                      "a\x80"
                                      "b",
                                      "a[b", "a{b", "a\"b", "a,b", "a;b", "a=b"}) {
    EXPECT_EQ(fault_of_fields(std::string(name) + ": x\r\n"), HeadFault::bad_name) << name;
  }
  EXPECT_EQ(fault_of_fields(std::string("a\0b: x\r\n", 8)), HeadFault::control_byte);
}

TEST(Head, WantsExactlyOneHost) {
  EXPECT_EQ(fault_of("GET / HTTP/1.1\r\n\r\n"), HeadFault::no_host);
  EXPECT_EQ(fault_of("GET / HTTP/1.1\r\nA: b\r\n\r\n"), HeadFault::no_host);
  EXPECT_EQ(fault_of("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"), HeadFault::several_hosts);
  EXPECT_EQ(fault_of("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"), HeadFault::bad_host);
  EXPECT_EQ(fault_of("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"), HeadFault::bad_host);
  EXPECT_EQ(fault_of("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), HeadFault::bad_host);
  EXPECT_EQ(fault_of("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"), HeadFault::bad_host);
  EXPECT_EQ(request("GET / HTTP/1.1\r\nHost: [::1]:3001\r\n\r\n").head.host(), "[::1]:3001");
}

TEST(Head, BoundsEverything) {
  const HeadLimits small{
      .head_bytes_max = 400, .line_bytes_max = 100, .target_bytes_max = 50, .fields_max = 4};
  const auto fault = [&](const std::string& bytes) { return request(bytes, small).fault; };
  const std::string start = "GET / HTTP/1.1\r\nHost: a\r\n";
  EXPECT_EQ(fault("GET /" + std::string(49, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n"), HeadFault::none);
  EXPECT_EQ(fault("GET /" + std::string(50, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n"),
            HeadFault::target_too_long);
  EXPECT_EQ(fault(start + "A: " + std::string(97, 'x') + "\r\n\r\n"), HeadFault::none);
  EXPECT_EQ(fault(start + "A: " + std::string(98, 'x') + "\r\n\r\n"), HeadFault::line_too_long);
  EXPECT_EQ(fault(start + std::string(101, 'x')), HeadFault::line_too_long);
  EXPECT_EQ(fault(start + "A:1\r\nA:2\r\nA:3\r\n\r\n"), HeadFault::none);
  EXPECT_EQ(fault(start + "A:1\r\nA:2\r\nA:3\r\nA:4\r\n\r\n"), HeadFault::too_many_fields);
  std::string big = start;
  for (int i = 0; i < 4; ++i) big += "A: " + std::string(96, 'x') + "\r\n";
  EXPECT_EQ(fault(big + "\r\n"), HeadFault::head_too_large);
  std::string many = start;
  for (std::size_t i = 0; i < kHeadFieldsMax; ++i) many += "A:1\r\n";
  EXPECT_EQ(fault_of(many + "\r\n"), HeadFault::too_many_fields);
  EXPECT_EQ(fault_of("GET /" + std::string(kTargetBytesMax, 'x') + " HTTP/1.1\r\n"),
            HeadFault::target_too_long);
}

TEST(Head, BodyBehindTheHeadDoesNotCountAsHead) {
  const HeadLimits small{.head_bytes_max = 40};
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_EQ(request(head + std::string(500, 'x'), small).state, HeadState::complete);
}

TEST(Head, ReadsConnection) {
  const auto keep = [](const std::string& version, const std::string& fields) {
    return request("GET / HTTP/" + version + "\r\nHost: a\r\n" + fields + "\r\n").head.keep_alive();
  };
  EXPECT_TRUE(keep("1.1", ""));
  EXPECT_FALSE(keep("1.1", "Connection: close\r\n"));
  EXPECT_FALSE(keep("1.1", "Connection: keep-alive, CLOSE\r\n"));
  EXPECT_FALSE(keep("1.1", "Connection: x\r\nConnection: close\r\n"));
  EXPECT_FALSE(keep("1.0", ""));
  EXPECT_TRUE(keep("1.0", "Connection: Keep-Alive\r\n"));
  EXPECT_TRUE(
      request("GET / HTTP/1.1\r\nHost: a\r\nConnection: x-foo\r\n\r\n").head.connection_names_fields());
  EXPECT_FALSE(request("GET / HTTP/1.1\r\nHost: a\r\nConnection: , keep-alive,\r\n\r\n")
                   .head.connection_names_fields());
}

TEST(Head, ReadsAnswers) {
  const std::string bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nrequest-id: req_1\r\n\r\n5\r\n";
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    const auto parsed = read(bytes, step, true);
    ASSERT_EQ(parsed.state, HeadState::complete) << step;
    EXPECT_EQ(parsed.head.status(), 200);
    EXPECT_EQ(parsed.head.reason(), "OK");
    EXPECT_EQ(parsed.head.value(KnownField::request_id), "req_1");
    EXPECT_EQ(body_of_answer(parsed.head, false).kind(), BodyFraming::Kind::chunked);
    EXPECT_TRUE(body_of_answer(parsed.head, true).complete());
  }
  EXPECT_EQ(read("HTTP/1.1 529 \r\n\r\n", 99, true).head.status(), 529);
  EXPECT_EQ(read("HTTP/1.1 204\r\n\r\n", 99, true).head.status(), 204);
  EXPECT_TRUE(
      body_of_answer(read("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 99, true).head, false)
          .complete());
  EXPECT_EQ(body_of_answer(read("HTTP/1.0 200 OK\r\n\r\n", 99, true).head, false).kind(),
            BodyFraming::Kind::until_close);
  EXPECT_EQ(fault_of_answer("HTTP/1.1 2000 OK\r\n\r\n"), HeadFault::bad_status_line);
  EXPECT_EQ(fault_of_answer("HTTP/1.1 20 OK\r\n\r\n"), HeadFault::bad_status_line);
  EXPECT_EQ(fault_of_answer("HTTP/1.1  200 OK\r\n\r\n"), HeadFault::bad_status_line);
  EXPECT_EQ(fault_of_answer("HTTP/1.1 099 OK\r\n\r\n"), HeadFault::bad_status_line);
  EXPECT_EQ(fault_of_answer("HTTP/2 200 OK\r\n\r\n"), HeadFault::bad_version);
  EXPECT_EQ(fault_of_answer("ICY 200 OK\r\n\r\n"), HeadFault::bad_status_line);
  EXPECT_EQ(fault_of_answer("HTTP/1.1 200 OK\nA: b\n\n"), HeadFault::bare_lf);
  EXPECT_EQ(fault_of_answer("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
            HeadFault::both_lengths);
}

TEST(Head, RefusalsHaveTheirStatus) {
  EXPECT_EQ(refused_head(HeadFault::target_too_long).kind(), ErrorKind::uri_too_long);
  EXPECT_EQ(refused_head(HeadFault::line_too_long).kind(), ErrorKind::head_too_large);
  EXPECT_EQ(refused_head(HeadFault::connect_refused).kind(), ErrorKind::method_not_allowed);
  EXPECT_EQ(refused_head(HeadFault::both_lengths).kind(), ErrorKind::validation);
  EXPECT_EQ(refused_head(HeadFault::both_lengths).message(),
            "Malformed request: there are both Content-Length and Transfer-Encoding");
}

}  // namespace head_test
}  // namespace relay
