#include "http/body_framing.h"
#include "http/chunk_scanner.h"
#include "http/head_limits.h"

#include <gtest/gtest.h>

#include <string>

namespace relay {
namespace chunk_scanner_test {

struct Seen {
  std::string payload;
  std::size_t consumed = 0;
  bool complete = false;
  ChunkFault fault = ChunkFault::none;
  friend bool operator==(const Seen&, const Seen&) = default;
};

Seen scan(std::string_view input, std::size_t piece_bytes) {
  ChunkScanner scanner;
  Seen seen;
  while (seen.consumed < input.size() && !scanner.complete() && !scanner.malformed()) {
    const auto piece = input.substr(seen.consumed, piece_bytes);
    const auto took = scanner.feed(piece, [&](std::string_view part) {
      EXPECT_FALSE(part.empty());
      seen.payload += part;
    });
    seen.consumed += took;
    if (took < piece.size()) break;
  }
  seen.complete = scanner.complete();
  seen.fault = scanner.fault();
  if (scanner.malformed()) seen.consumed = 0;  // where it stopped says nothing
  EXPECT_EQ(scanner.payload_bytes(), seen.payload.size());
  return seen;
}

/// The same answer whole and in pieces of 1, 2, 3, 7 bytes.
Seen scan_every_way(std::string_view input) {
  const auto whole = scan(input, input.size());
  for (const std::size_t piece : {1U, 2U, 3U, 7U})
    EXPECT_EQ(scan(input, piece), whole) << "pieces of " << piece;
  return whole;
}

ChunkFault fault_of(std::string_view input) { return scan_every_way(input).fault; }

TEST(ChunkScanner, FindsThePayloadAndTheEnd) {
  const std::string body = "5\r\nhello\r\n7;a=b\r\n, world\r\n0\r\n\r\n";
  const auto seen = scan_every_way(body + "GET / HTTP/1.1\r\n");
  EXPECT_EQ(seen.payload, "hello, world");
  EXPECT_TRUE(seen.complete);
  EXPECT_EQ(seen.consumed, body.size());
}

TEST(ChunkScanner, TakesTrailersExtensionsAndLeadingZeros) {
  const std::string body = "0005 ;x=\"y z\" ; q\r\nhello\r\n000\r\nX-Sum: 1\r\nEmpty:\r\n\r\n";
  const auto seen = scan_every_way(body + "rest");
  EXPECT_EQ(seen.payload, "hello");
  EXPECT_TRUE(seen.complete);
  EXPECT_EQ(seen.consumed, body.size());
}

TEST(ChunkScanner, IsNotCompleteBeforeTheLastLineEnd) {
  const std::string body = "5\r\nhello\r\n0\r\n\r\n";
  for (std::size_t cut = 0; cut < body.size(); ++cut) {
    const auto seen = scan_every_way(body.substr(0, cut));
    EXPECT_FALSE(seen.complete) << cut;
    EXPECT_EQ(seen.fault, ChunkFault::none) << cut;
  }
}

TEST(ChunkScanner, TakesBinaryPayload) {
  std::string data;
  for (int i = 0; i < 256; ++i) data.push_back(static_cast<char>(i));
  EXPECT_EQ(scan_every_way("100\r\n" + data + "\r\n0\r\n\r\n").payload, data);
}

TEST(ChunkScanner, RefusesBadSizes) {
  EXPECT_EQ(fault_of("\r\n"), ChunkFault::bad_size);
  EXPECT_EQ(fault_of("x\r\n"), ChunkFault::bad_size);
  EXPECT_EQ(fault_of("-5\r\nhello\r\n"), ChunkFault::bad_size);
  EXPECT_EQ(fault_of("+5\r\nhello\r\n"), ChunkFault::bad_size);
  EXPECT_EQ(fault_of("0x5\r\nhello\r\n"), ChunkFault::bad_size);
  EXPECT_EQ(fault_of("5_0\r\n"), ChunkFault::bad_size);
  EXPECT_EQ(fault_of(" 5\r\nhello\r\n"), ChunkFault::bad_size);
  EXPECT_EQ(fault_of(";a\r\n"), ChunkFault::bad_size);
  EXPECT_EQ(fault_of(std::string_view("5\0\r\n", 4)), ChunkFault::bad_size);
  EXPECT_EQ(fault_of("4000000000000001\r\n"), ChunkFault::size_too_large);
  EXPECT_EQ(fault_of("10000000000000005\r\nhello\r\n"), ChunkFault::size_too_large);
  EXPECT_EQ(fault_of("4000000000000000\r\nx"), ChunkFault::none);
}

TEST(ChunkScanner, RefusesBareLineEnds) {
  EXPECT_EQ(fault_of("5\nhello\r\n"), ChunkFault::bare_lf);
  EXPECT_EQ(fault_of("\n"), ChunkFault::bare_lf);
  EXPECT_EQ(fault_of("5;a\nhello\r\n"), ChunkFault::bare_lf);
  EXPECT_EQ(fault_of("5\rhello\r\n"), ChunkFault::bare_cr);
  EXPECT_EQ(fault_of("5;a\rb\r\nhello\r\n"), ChunkFault::bare_cr);
  EXPECT_EQ(fault_of("0\r\n\n"), ChunkFault::bare_lf);
  EXPECT_EQ(fault_of("0\r\n\rx"), ChunkFault::bare_cr);
  EXPECT_EQ(fault_of("0\r\nA: b\n\r\n"), ChunkFault::bare_lf);
  EXPECT_EQ(fault_of("0\r\nA: b\rc\r\n"), ChunkFault::bare_cr);
}

TEST(ChunkScanner, RefusesPayloadThatRunsOver) {
  EXPECT_EQ(fault_of("5\r\nhello!\r\n"), ChunkFault::missing_crlf);
  EXPECT_EQ(fault_of("5\r\nhello\n0\r\n\r\n"), ChunkFault::missing_crlf);
  EXPECT_EQ(fault_of("5\r\nhello\r0\r\n\r\n"), ChunkFault::missing_crlf);
}

TEST(ChunkScanner, RefusesBadExtensions) {
  EXPECT_EQ(fault_of("5 \r\nhello\r\n"), ChunkFault::bad_extension);
  EXPECT_EQ(fault_of("5 5\r\nhello\r\n"), ChunkFault::bad_extension);
  EXPECT_EQ(fault_of(std::string_view("5;a\0b\r\n", 7)), ChunkFault::bad_extension);
  EXPECT_EQ(fault_of("5;a\x7f\r\n"), ChunkFault::bad_extension);
  EXPECT_EQ(fault_of("5;a\x1b\r\n"), ChunkFault::bad_extension);
}

TEST(ChunkScanner, BoundsTheChunkLine) {
  const auto line = [](std::size_t bytes) { return "5;" + std::string(bytes - 2, 'a'); };
  EXPECT_EQ(fault_of(line(kChunkLineBytesMax) + "\r\nhello\r\n0\r\n\r\n"), ChunkFault::none);
  EXPECT_EQ(fault_of(line(kChunkLineBytesMax + 1) + "\r\nhello\r\n0\r\n\r\n"), ChunkFault::line_too_long);
  EXPECT_EQ(fault_of(std::string(kChunkLineBytesMax + 1, '0')), ChunkFault::line_too_long);
  EXPECT_EQ(fault_of("5" + std::string(kChunkLineBytesMax, ' ')), ChunkFault::line_too_long);
}

TEST(ChunkScanner, ChecksTheTrailerLines) {
  EXPECT_EQ(fault_of("0\r\nno colon\r\n\r\n"), ChunkFault::bad_trailer);
  EXPECT_EQ(fault_of("0\r\nName : x\r\n\r\n"), ChunkFault::bad_trailer);
  EXPECT_EQ(fault_of("0\r\n: x\r\n\r\n"), ChunkFault::bad_trailer);
  EXPECT_EQ(fault_of("0\r\nA: b\r\n c\r\n\r\n"), ChunkFault::bad_trailer);
  EXPECT_EQ(fault_of(std::string_view("0\r\nA: \0\r\n\r\n", 11)), ChunkFault::bad_trailer);
  EXPECT_EQ(fault_of("0\r\nA: " + std::string(kTrailerBytesMax, 'b') + "\r\n\r\n"),
            ChunkFault::trailer_too_long);
  std::string many = "0\r\n";
  for (int i = 0; i < 3000; ++i) many += "A:b\r\n";
  EXPECT_EQ(fault_of(many), ChunkFault::trailer_too_long);
}

TEST(ChunkScanner, SaysWhyInWords) {
  EXPECT_EQ(describe(ChunkFault::bare_lf), "a line of the chunked body has an LF without CR");
}

TEST(BodyFraming, EndsAfterItsLength) {
  auto framing = BodyFraming::of_length(5);
  std::string payload;
  const auto sink = [&](std::string_view part) { payload += part; };
  EXPECT_EQ(framing.feed("hel", sink), 3U);
  EXPECT_FALSE(framing.complete());
  EXPECT_FALSE(framing.complete_at_close());
  EXPECT_EQ(framing.left_bytes(), 2U);
  EXPECT_EQ(framing.feed("lo, next", sink), 2U);
  EXPECT_TRUE(framing.complete());
  EXPECT_EQ(framing.feed("more", sink), 0U);
  EXPECT_EQ(payload, "hello");
  EXPECT_EQ(framing.payload_bytes(), 5U);
}

TEST(BodyFraming, NoBodyIsCompleteAtOnce) {
  EXPECT_TRUE(BodyFraming().complete());
  EXPECT_TRUE(BodyFraming::of_length(0).complete());
}

TEST(BodyFraming, UntilCloseEndsOnlyWithTheConnection) {
  auto framing = BodyFraming::until_close();
  EXPECT_EQ(framing.feed("anything"), 8U);
  EXPECT_FALSE(framing.complete());
  EXPECT_TRUE(framing.complete_at_close());
  EXPECT_EQ(framing.payload_bytes(), 8U);
}

TEST(BodyFraming, ChunkedTellsACutFromAnEnd) {
  auto framing = BodyFraming::chunked();
  framing.feed("5\r\nhello\r\n");
  EXPECT_FALSE(framing.complete_at_close());
  framing.feed("0\r\n\r\n");
  EXPECT_TRUE(framing.complete_at_close());
  auto broken = BodyFraming::chunked();
  broken.feed("zz");
  EXPECT_TRUE(broken.malformed());
  EXPECT_EQ(broken.fault(), ChunkFault::bad_size);
}

}  // namespace chunk_scanner_test
}  // namespace relay
