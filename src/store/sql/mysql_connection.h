// Opening a connection to a MySQL or MariaDB server.
#pragma once

#include "store/sql/sql_database.h"

#include <string>

namespace relay {

/// A session at READ COMMITTED, in UTC and utf8mb4, strict, its statements bounded. Throws soci_error.
void open_mysql(soci::session& session, const MysqlSettings& settings);

/// The same for migrations: a statement may take an hour, and waits as long for the locks of others.
void open_mysql_patient(soci::session& session, const MysqlSettings& settings);

/// Makes the database when it is not there. Throws std::runtime_error that says in plain words, without the
/// password, what is wrong with the server, the account or the database.
void prepare_mysql(const MysqlSettings& settings);

}  // namespace relay
