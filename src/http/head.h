// Heads of HTTP/1.1 requests and answers, parsed strictly and in place (RFC 9110, RFC 9112).
#pragma once

#include "base/error.h"
#include "http/body_framing.h"
#include "http/head_limits.h"
#include "http/known_field.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace relay {

/// Why a head is refused. One name each, so that a test and a log line can tell them apart.
enum class HeadFault : std::uint8_t {
  none,
  bad_request_line,  // not exactly "method SP target SP version"
  bad_status_line,   // of an answer
  bad_version,       // neither HTTP/1.1 nor HTTP/1.0
  bad_target,        // a byte that may not stand there, or a form RFC 9112 3.2 does not know
  connect_refused,   // CONNECT: the relay is no tunnel
  target_too_long,   // 414
  head_too_large,    // 431
  line_too_long,     // 431
  too_many_fields,   // 431
  bare_cr,
  bare_lf,
  control_byte,  // NUL or another control byte in a value
  folded_line,   // obs-fold, or white space before the first field
  space_before_colon,
  empty_name,
  bad_name,  // no token, or no colon at all
  no_host,
  several_hosts,
  bad_host,
  both_lengths,           // Content-Length and Transfer-Encoding
  several_lengths,        // also a list of equal ones
  bad_length,             // no plain number below 2^63
  bad_transfer_encoding,  // anything but exactly "chunked"
  transfer_encoding_in_1_0,
};

/// A short English clause for logs and errors; static storage.
std::string_view describe(HeadFault fault);
/// The refusal for the client: validation, uri_too_long, head_too_large or method_not_allowed; the code
/// is "bad_head" or the kind's own word. Close the connection after the answer.
Error refused_head(HeadFault fault);

/// One field, as views into the buffer that was parsed; the value is without white space at its ends.
struct HeadField {
  std::string_view name;
  std::string_view value;
  KnownField known = KnownField::other;
};

/// A parsed head: offsets into one buffer (2 KB, nothing allocated). When the buffer has moved, rebase()
/// it; when it is gone, so are all views. Values have passed every check of HeadFault.
class ParsedHead {
 public:
  ParsedHead() { clear(); }

  // Of a request.
  std::string_view method() const { return view(method_); }
  /// As it was sent.
  std::string_view target() const { return view(target_); }
  /// Of origin-form and absolute-form; "/" when absolute-form has none; "*" for OPTIONS *.
  std::string_view path() const { return path_.bytes == 0 ? std::string_view("/") : view(path_); }
  /// Behind the first '?', without it.
  std::string_view query() const { return view(query_); }
  bool has_query() const { return has_query_; }
  /// Of absolute-form, else the Host field (RFC 9112 3.2.2: the target counts).
  std::string_view host() const { return authority_.bytes != 0 ? view(authority_) : value(KnownField::host); }

  // Of an answer.
  int status() const { return status_; }
  std::string_view reason() const { return view(reason_); }

  // Of both.
  int minor_version() const { return minor_version_; }
  std::size_t head_bytes() const { return head_bytes_; }  // with the empty line
  std::optional<std::uint64_t> content_length() const { return content_length_; }
  bool chunked() const { return chunked_; }
  /// By version and Connection: whether the sender would take another message (RFC 9112 9.3).
  bool keep_alive() const { return keep_alive_; }
  /// Connection names something else than close, keep-alive, te and upgrade: fields to be dropped.
  bool connection_names_fields() const { return connection_names_fields_; }

  std::size_t field_count() const { return field_count_; }
  HeadField field(std::size_t index) const {
    const Slot& slot = slots_[index];
    return {{base_ + slot.name_at, slot.name_bytes}, {base_ + slot.value_at, slot.value_bytes}, slot.known};
  }
  bool has(KnownField known) const { return first_[static_cast<std::size_t>(known)] != kAbsent; }
  /// More than one line of it: for a credential a reason to refuse.
  bool repeated(KnownField known) const { return repeated_.contains(known); }
  /// Of the first such field; empty when there is none.
  std::string_view value(KnownField known) const {
    const auto index = first_[static_cast<std::size_t>(known)];
    return index == kAbsent ? std::string_view() : field(index).value;
  }
  /// Of the first field of that name (lower case); empty when there is none. Linear.
  std::string_view value(std::string_view lower_name) const;

  /// `for (const HeadField field : head.fields())`, in the order they were sent.
  class Iterator {
   public:
    Iterator(const ParsedHead& head, std::size_t index) : head_(&head), index_(index) {}
    HeadField operator*() const { return head_->field(index_); }
    Iterator& operator++() { return ++index_, *this; }
    bool operator!=(const Iterator& other) const { return index_ != other.index_; }

   private:
    const ParsedHead* head_;
    std::size_t index_;
  };
  struct Fields {
    const ParsedHead& head;
    Iterator begin() const { return {head, 0}; }
    Iterator end() const { return {head, head.field_count()}; }
  };
  Fields fields() const { return {*this}; }

  /// The bytes that were parsed are now at `begin`.
  void rebase(const char* begin) { base_ = begin; }

 private:
  friend class HeadParser;
  struct Span {
    std::uint32_t at = 0;
    std::uint32_t bytes = 0;
  };
  struct Slot {
    std::uint32_t name_at;
    std::uint32_t value_at;
    std::uint32_t value_bytes;
    std::uint16_t name_bytes;
    KnownField known;
  };
  static constexpr std::uint8_t kAbsent = 0xff;

  void clear();
  std::string_view view(Span span) const { return {base_ + span.at, span.bytes}; }

  const char* base_;
  Span method_, target_, path_, query_, authority_, reason_;
  std::optional<std::uint64_t> content_length_;
  KnownFieldSet repeated_;
  std::uint32_t head_bytes_;
  std::uint8_t field_count_;
  std::int16_t status_;
  std::uint8_t minor_version_;
  bool has_query_, chunked_, keep_alive_, connection_names_fields_;
  std::array<std::uint8_t, kKnownFieldCount> first_;
  std::array<Slot, kHeadFieldsMax> slots_;  // not initialised: 2 KB that most heads need a fifth of
};

enum class HeadState : std::uint8_t { need_more, complete, refused };

/// Reads one head out of a buffer that grows: call again with the same bytes and more until it is not
/// need_more. A buffer that already holds the head is parsed in one pass; else each new byte is looked
/// at once and the head parsed when its end has come. reset() before the next head.
class HeadReader {
 public:
  explicit HeadReader(const HeadLimits& limits = {}) : limits_(limits) {}

  HeadState read_request(std::string_view buffer, ParsedHead& head);
  HeadState read_answer(std::string_view buffer, ParsedHead& head);
  /// After refused.
  HeadFault fault() const { return fault_; }
  void reset() { looked_at_ = 0, fault_ = HeadFault::none; }

 private:
  bool may_be_whole(std::string_view buffer) const;
  HeadState finish(std::string_view buffer, HeadState state);

  HeadLimits limits_;
  std::size_t looked_at_ = 0;
  HeadFault fault_ = HeadFault::none;
};

/// The framing of the body behind a request's head (RFC 9112 6.3).
BodyFraming body_of_request(const ParsedHead& head);
/// Of the body behind an answer's head; `to_head`: it answers a HEAD request. 1xx, 204 and 304 have none.
BodyFraming body_of_answer(const ParsedHead& head, bool to_head);

}  // namespace relay
