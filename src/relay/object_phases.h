// The phases of calls about files, batches and stored responses, beside those of phases.h. Whoever did not
// make an object is told what the provider says of one that is not there.
#pragma once

#include "dialect/file_references.h"
#include "dialect/object_answer.h"
#include "relay/phases.h"

namespace relay {

class ProviderObjects;

/// Whether the request names what may be somebody's: previous_response_id, or files. Costs a look at its
/// bytes.
bool names_objects(const Exchange& exchange);
/// not_found, naming the field, for a file that is known to be somebody else's, validation for such a
/// response, in the provider's words. What the relay has not seen made passes: it was made past the relay,
/// and the provider's ids can't be guessed.
Task<> check_references(Exchange& exchange, ProviderObjects& objects);

/// The same of these, one by one.
Task<> check_previous_response(Exchange& exchange, ProviderObjects& objects, std::string id);
Task<> check_files(Exchange& exchange, ProviderObjects& objects, std::vector<std::string> ids);

/// Sets exchange.object->found and exchange.account from what the path names. not_found; unavailable when the
/// store must be asked and is away.
Task<> find_own_object(Exchange& exchange, ProviderObjects& objects, const AccountPool& accounts);

/// Of what is to be made: that the key may use every model a batch asks for, and that what it names is the
/// caller's own. Sets found.model (of a file of requests: all their models), found.purpose. forbidden,
/// not_found, validation, unavailable.
Task<> check_new_object(Exchange& exchange, ProviderObjects& objects, BlockingPool& pool);

/// In the place of stream(): passes a small answer on, and remembers what it tells of.
Task<> answer_object(Exchange& exchange, ProviderObjects& objects, UpstreamConnections& connections,
                     const AttemptLimits& limits, std::string results_base);

/// The caller's own objects of the kind, a page of them, each as the provider has it now. validation naming
/// the parameter; not_found for a cursor that is not the caller's; bad_gateway.
Task<> list_objects(Exchange& exchange, ProviderObjects& objects, UpstreamConnections& connections,
                    Settlement& settlement, const AttemptLimits& limits, std::string results_base);

/// Remembers the caller's new object as the provider's answer has it.
ProviderObject made_object(const Exchange& exchange, const ObjectAnswer& answer);
/// The files that a batch of OpenAI's has written, for who made the batch.
std::vector<ProviderObject> files_of_batch(const ProviderObject& batch, const ObjectAnswer& answer);

/// As the provider says it of an object that it does not have.
Error no_such_object(WireDialect dialect, ProviderObjectKind kind, std::string_view id);

}  // namespace relay
