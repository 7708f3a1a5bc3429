// LevelDB's environment with one change: its log has its room on the disk before anything is written.
#pragma once

#include <leveldb/env.h>

#include <cstddef>
#include <string>

namespace relay {

/// The first *.log file that is made through this environment is given `bytes` on disk at once. What is
/// written is in the page cache: it survives the death of the process, not a power cut. LevelDB's reader
/// passes over the zeros at the end (leveldb/db/log_reader.cc, kZeroType). Past `bytes` the file grows; no
/// room is an IOError then. Everything else is the default environment's. One environment belongs to one
/// database.
class ReservedLogEnv final : public leveldb::EnvWrapper {
 public:
  explicit ReservedLogEnv(std::size_t bytes);
  ~ReservedLogEnv() override;

  leveldb::Status NewWritableFile(const std::string& name, leveldb::WritableFile** file) override;
  /// Nothing: LevelDB's own notes (file LOG) are not kept.
  leveldb::Status NewLogger(const std::string& name, leveldb::Logger** logger) override;

  /// What was written so far is on the disk when it returns. Blocks; beside writers, which it does not hold
  /// up.
  leveldb::Status sync() const;

 private:
  const std::size_t bytes_;
  int log_ = -1;  // our own descriptor of the log, for sync()
};

}  // namespace relay
