// The journal's form of a usage record: compact, versioned, refuses junk.
#pragma once

#include "base/result.h"
#include "domain/usage_record.h"

#include <string>
#include <string_view>

namespace relay {

/// Appends the record to `out`: a version byte, then the fields in a fixed order; integers as varints, texts
/// with their length in front. About 220 bytes for a usual record.
void encode_record(const UsageRecordView& record, std::string& out);

/// Sets `record` to the same record; its texts lie in `bytes`. internal "journal_broken" for anything that
/// encode_record does not write, nor did write before: an unknown version or enumerator, a text past its end,
/// bytes left over.
Result<> decode_record(std::string_view bytes, UsageRecordView& record);

}  // namespace relay
