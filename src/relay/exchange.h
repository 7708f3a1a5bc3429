// One relayed call and what is known of it so far. Each phase reads what earlier ones wrote.
#pragma once

#include "async/deadline_wheel.h"
#include "base/clock.h"
#include "coordination/quota.h"
#include "domain/key_access.h"
#include "domain/usage_record.h"
#include "net/server_exchange.h"
#include "relay/admission.h"
#include "relay/call_queue.h"
#include "relay/cached_call.h"
#include "relay/object_exchange.h"
#include "relay/operation.h"
#include "relay/tap.h"
#include "relay/translated_call.h"
#include "upstream/select_account.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

class AccountPool;

/// The provider's answer as far as its head: what is behind the head in `rest` lies in the worker's
/// scratch buffer, or in `input`.
struct ProviderAnswer {
  int status = 0;
  BodyFraming framing;
  bool keep_alive = false;
  bool is_event_stream = false;
  ContentCoding coding = ContentCoding::identity;
  std::string_view rest;
};

/// What says which conversation a call belongs to, for routing. The client's own words: opaque, bounded,
/// never logged. Empty where it said nothing.
struct SessionFacts {
  std::string session_id;  // of a header: X-Claude-Code-Session-Id, or Codex' session-id, thread-id and kin
  std::string user_id;     // metadata.user_id
  std::string prompt_cache_key;
  std::string previous_response_id;
};

/// Attempts of a call at other accounts, before the one that is being made.
struct FailedAttempts {
  std::vector<const UpstreamAccount*> accounts;
  std::shared_ptr<const KeptFailure> answer;  // of the last provider that gave one
  std::string attempt_id;                     // of the attempt that is being made
};

/// Lives in the pipeline's frame from head to settling; a phase gets it by reference. Memory counts: a
/// long stream holds one for its whole life.
struct Exchange {
  Exchange(ServerExchange& exchange, JsonIndex& index, const FoundOperation& found)
      : client(exchange),
        json(index),
        operation(*found.operation),
        path_tail(found.tail),
        dialect(operation.dialect) {}

  /// What the client asks. Dead once the request has been released.
  std::string_view body() const { return plain_body ? std::string_view(*plain_body) : client.body(); }

  /// What the account that is asked is spoken to in.
  WireDialect upstream_dialect() const { return translated ? translated->dialect : dialect; }

  ServerExchange& client;
  JsonIndex& json;  // the pipeline's scratch
  const RelayOperation& operation;
  std::string_view path_tail;  // dead once the request has been released
  WireDialect dialect;         // the caller's: for models a header says it
  std::string request_id;      // "req_…", sent as x-relay-request-id
  std::string client_address;  // behind trusted proxies the client's own
  WallTime began;
  SteadyTime began_steady;

  // authenticate, read_request, look_inside, admit
  std::shared_ptr<const KeyAccess> key;
  std::string requested_model;
  bool wants_stream = false;
  SessionFacts session;
  std::optional<std::int64_t> output_tokens_max;  // that the call allows itself, of all its choices
  std::size_t request_bytes = 0;                  // of the body, as it is looked at
  /// The body in plain, where the client's is compressed.
  std::shared_ptr<const std::string> plain_body;
  /// What this account is sent in the place of what came: edited by us.
  std::unique_ptr<std::string> own_body;
  bool withholds_usage = false;             // the client did not ask for the stream's chunk of usage; we did
  std::unique_ptr<ObjectExchange> object;   // of Kind::object
  bool is_stored = false;                   // the provider keeps the answer, for later ones to go on from
  std::unique_ptr<LimitFacts> limit_facts;  // when the key has limits: for headers
  QueuedLease key_lease;
  QueuedLease user_lease;
  QueuePlace* place = nullptr;  // while it waits for a slot
  QuotaHold quota_hold;         // sums up what the attempts used

  // route, attempt
  std::shared_ptr<const AccountPool> accounts;      // as they were when the call began
  std::shared_ptr<const CandidateList> candidates;  // those of them that could serve it
  const UpstreamAccount* account = nullptr;         // the one that is asked, or that it would be at first
  AccountHold hold;                                 // of `account`, from the moment it has been chosen
  std::optional<std::uint64_t> conversation;        // a hash; nothing: any account will do
  std::string pinned_account;                       // which has what the request names; mostly empty
  std::unique_ptr<FailedAttempts> failed;           // null for most
  bool is_followed = false;                         // the attempt that is being settled is not the last: the
                                                    // call stays open
  std::unique_ptr<Deadline> time_limit;             // of the attempt, when one is set
  bool out_of_time = false;                         // it has passed
  Exchange* beside = nullptr;                  // the second attempt of a call that is hedged, while it runs
  bool is_overtaken = false;                   // the other one of the two serves
  std::unique_ptr<TranslatedCall> translated;  // when the account speaks another dialect than the client
  std::unique_ptr<CachedCall> cached_call;     // when the key or the call asks for the response cache
  std::string own_target;  // path and query that the relay asks for in place of the client's; else empty
  std::unique_ptr<Stream> upstream;
  std::string input;  // of an answer's head that came in pieces
  ProviderAnswer answer;
  bool client_gone = false;

  // stream, settle
  std::string upstream_request_id;
  SteadyTime first_byte;
  std::optional<Tap> tap;
  bool settled = false;
};

}  // namespace relay
