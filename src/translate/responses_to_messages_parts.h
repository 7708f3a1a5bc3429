// Texts, pictures and files of a Responses request, as blocks of Messages.
#pragma once

#include "translate/request_part.h"

#include <string_view>

namespace relay::messages_responses {

/// `member` of the item is a string or a list of parts; adds a block for each to `blocks`. An empty text has
/// no block.
Result<> carry_parts(const RequestPart& item, std::string_view member, boost::json::array& blocks);

boost::json::object text_block(std::string_view text);

}  // namespace relay::messages_responses
