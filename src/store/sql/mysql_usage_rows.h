// Inserting usage_logs rows fast: many rows a statement, prepared by the server, their values sent as bytes.
#pragma once

#include "store/sql/usage_rows.h"

#include <span>
#include <string>
#include <string_view>

namespace soci {
class session;
}

namespace relay {

/// Inserts them all. Inside a transaction; throws soci_error.
void insert_mysql_usage_rows(soci::session& sql, std::span<const UsageRow> rows);

/// An attempt's id as the table has it.
std::string_view mysql_attempt_id(const UsageRow& row);

}  // namespace relay
