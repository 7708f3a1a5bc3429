// JOURNAL_SYNC=group: an append that waits until a power cut could not take it back.
#pragma once

#include "async/blocking_pool.h"
#include "async/task.h"
#include "domain/usage_record.h"
#include "metering/journal.h"

namespace relay {

/// Appends, then waits for an fsync that began after. `pool` should have one thread and be used for nothing
/// else: those who wait while a sync runs share the next one, so that it is a few milliseconds whatever the
/// load. Errors of UsageJournal::append and of a full pool; after an error the record may be in the journal
/// all the same, and is then stored. `journal` and `pool` outlive the call.
Task<> append_synced(UsageJournal& journal, BlockingPool& pool, UsageRecord record);

}  // namespace relay
