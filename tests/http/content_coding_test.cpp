#include "http/content_coding.h"

#include "text/base64.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <vector>

namespace relay {
namespace content_coding_test {

constexpr std::string_view kText =
    R"({"model":"claude-sonnet-5","max_tokens":16,"messages":[{"role":"user","content":"hello over there"}]})";
// The same, by Node's zlib.
constexpr std::string_view kBrotli =
    "G2QA4BwHuTnUT76R0sb0Nd3m9e/3rO8NKT9T0ITA1mHp6psiMVuOceD4vr34QHKDhyyls1EkaoIdbOU6Qulm8mggl//"
    "quBOayf3AjXAVUCmBOAWsI74JDMDfAQ==";

std::string zlib_form(std::string_view plain, int window_bits) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  std::string out(plain.size() + 1000, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstd_form(std::string_view plain, int window_log = 0) {
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(), &ZSTD_freeCCtx);
  if (window_log > 0) ZSTD_CCtx_setParameter(context.get(), ZSTD_c_windowLog, window_log);
  std::string out(ZSTD_compressBound(plain.size()), '\0');
  out.resize(ZSTD_compress2(context.get(), out.data(), out.size(), plain.data(), plain.size()));
  return out;
}

struct Coded {
  ContentCoding coding;
  std::string bytes;
};

std::vector<Coded> all_codings() {
  return {{ContentCoding::gzip, zlib_form(kText, 15 + 16)},
          {ContentCoding::deflate, zlib_form(kText, 15)},
          {ContentCoding::br, parse_base64(kBrotli).value()},
          {ContentCoding::zstd, zstd_form(kText)}};
}

TEST(ContentCodings, AreKnownByNameInEitherCase) {
  EXPECT_EQ(parse_content_coding(""), ContentCoding::identity);
  EXPECT_EQ(parse_content_coding(" Identity "), ContentCoding::identity);
  EXPECT_EQ(parse_content_coding("GZIP"), ContentCoding::gzip);
  EXPECT_EQ(parse_content_coding("x-gzip"), ContentCoding::gzip);
  EXPECT_EQ(parse_content_coding("br"), ContentCoding::br);
  EXPECT_EQ(parse_content_coding("zstd"), ContentCoding::zstd);
  EXPECT_EQ(parse_content_coding("gzip, zstd"), ContentCoding::unknown);
  EXPECT_EQ(parse_content_coding("compress"), ContentCoding::unknown);
}

TEST(ContentCodings, OnlyReadableOnesAreAskedFor) {
  EXPECT_EQ(readable_codings("gzip, deflate, br, zstd"), "gzip, deflate, br, zstd");
  EXPECT_EQ(readable_codings("compress;q=1, *, br;q=0.5, , identity"), "br;q=0.5, identity");
  EXPECT_EQ(readable_codings("*"), "");
}

TEST(ContentDecoder, DecodesInAnyPieces) {
  for (const auto& [coding, bytes] : all_codings()) {
    for (const std::size_t size : {std::size_t(1), std::size_t(7), bytes.size()}) {
      ContentDecoder decoder(coding, 1'000);
      std::string out;
      for (std::size_t at = 0; at < bytes.size(); at += size) {
        EXPECT_FALSE(decoder.complete());
        EXPECT_TRUE(decoder.feed(std::string_view(bytes).substr(at, size),
                                 [&](std::string_view piece) { out += piece; }));
      }
      EXPECT_EQ(out, kText) << static_cast<int>(coding) << " " << size;
      EXPECT_TRUE(decoder.complete()) << static_cast<int>(coding) << " " << size;
    }
  }
}

TEST(DecodeBody, TakesAWholeBody) {
  for (const auto& [coding, bytes] : all_codings())
    EXPECT_EQ(decode_body(coding, bytes, kText.size()).value(), kText);
}

TEST(DecodeBody, RefusesWhatIsCutDamagedOrHasSomethingBehindItsEnd) {
  for (const auto& [coding, bytes] : all_codings()) {
    const auto refused = [&](const std::string& body) {
      const auto outcome = decode_body(coding, body, 1'000'000);
      return outcome.has_error() ? std::string(outcome.error().code()) : "";
    };
    EXPECT_EQ(refused(bytes.substr(0, bytes.size() - 1)), "request_body_undecodable");
    EXPECT_EQ(refused(bytes + "x"), "request_body_undecodable");
    EXPECT_EQ(refused(bytes + bytes), "request_body_undecodable") << "another reader might see the second";
    EXPECT_EQ(refused(std::string(kText)), "request_body_undecodable");
    EXPECT_EQ(refused(""), "request_body_undecodable");
  }
}

TEST(DecodeBody, StopsABombAtItsBound) {
  const std::string zeros(20'000'000, '0');
  for (const auto& [coding, bytes] : {Coded{ContentCoding::gzip, zlib_form(zeros, 15 + 16)},
                                      Coded{ContentCoding::zstd, zstd_form(zeros)}}) {
    EXPECT_LT(bytes.size(), 30'000U);
    EXPECT_EQ(decode_body(coding, bytes, 1'000'000).error().kind(), ErrorKind::payload_too_large);
    EXPECT_EQ(decode_body(coding, bytes, 20'000'000).value().size(), 20'000'000U);
  }
}

TEST(DecodeBody, RefusesAZstdWindowOver8MB) {
  const std::string plain(100'000'000, 'w');
  EXPECT_TRUE(decode_body(ContentCoding::zstd, zstd_form(plain, 27), 200'000'000).has_error());
}

}  // namespace content_coding_test
}  // namespace relay
