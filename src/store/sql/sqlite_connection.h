// Opening a connection to a SQLite file.
#pragma once

#include "store/sql/sql_database.h"

namespace relay {

/// Before the first connection: makes the file, readable by its owner only.
void prepare_sqlite(const SqliteSettings& settings);

/// All throw soci_error or std::runtime_error.
void open_sqlite_reader(soci::session& session, const SqliteSettings& settings);
void open_sqlite_writer(soci::session& session, const SqliteSettings& settings);

}  // namespace relay
