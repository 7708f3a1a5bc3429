// Which fields of a head go on to the other side. The rules are sets; the engine copies what passes.
#pragma once

#include "http/head.h"

#include <string_view>

namespace relay {

/// About one connection, not about the message (RFC 9110 7.6.1). Beside these, what Connection names.
inline constexpr KnownFieldSet kHopByHopFields(KnownField::connection, KnownField::keep_alive,
                                               KnownField::proxy_authenticate,
                                               KnownField::proxy_authentication_info,
                                               KnownField::proxy_connection, KnownField::te,
                                               KnownField::trailer, KnownField::transfer_encoding,
                                               KnownField::upgrade);

/// What proves to the relay who is calling. Never shown to a provider, never logged. Cookies count: on
/// this origin they are the dashboard's session, and no provider reads one.
inline constexpr KnownFieldSet kCredentialFields(KnownField::authorization, KnownField::x_api_key,
                                                 KnownField::proxy_authorization, KnownField::cookie);

/// Dropped from requests for other reasons: host is the provider's own; an expectation is met by us, who
/// read the whole body first; the way to us and our users' addresses are no business of a provider; and
/// accept-encoding, since the tap has to read the answer: the engine asks for those of the client's codings
/// that it can read, or for `identity` (an absent field would allow every coding, RFC 9110 12.5.3). A body's
/// content-encoding and content-length go on with it. What a client asks of the relay's cache is the relay's.
inline constexpr KnownFieldSet kReplacedInRequests(KnownField::host, KnownField::expect,
                                                   KnownField::accept_encoding, KnownField::forwarded,
                                                   KnownField::x_forwarded_for, KnownField::x_forwarded_host,
                                                   KnownField::x_forwarded_port,
                                                   KnownField::x_forwarded_proto, KnownField::x_real_ip,
                                                   KnownField::x_relay_cache, KnownField::x_relay_cache_ttl,
                                                   KnownField::x_relay_request_id);

/// Dropped from answers: what speaks of the provider's origin and would be taken to speak of ours (its
/// HTTP/3 address, its TLS policy), its cookies, which belong to a connection that many users share, and
/// the fields that are ours to write.
inline constexpr KnownFieldSet kReplacedInAnswers(KnownField::alt_svc, KnownField::strict_transport_security,
                                                  KnownField::set_cookie, KnownField::x_relay_cache,
                                                  KnownField::x_relay_request_id);

/// Whether `field` of the client's head goes on to the provider. transfer-encoding does not: the engine
/// writes it anew when head.chunked(), since the body's framing passes unchanged.
bool passes_to_provider(const ParsedHead& head, const HeadField& field);
/// Whether `field` of the provider's head goes on to the client; transfer-encoding as above.
bool passes_to_client(const ParsedHead& head, const HeadField& field);

/// Whether a Connection field of the head names `name`. (What frames or describes a message can still not be
/// named away: host, content-length, content-type, content-encoding, anthropic-version.)
bool named_by_connection(const ParsedHead& head, std::string_view name);

}  // namespace relay
