// How far a copy of a store is, in a file.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace relay {

/// Three parts: the copy's id, the table that is being copied, and the place behind its last page that was
/// written. Belongs to one thread.
class CopyProgress {
 public:
  /// Nothing is read before lock().
  explicit CopyProgress(std::string file) : file_(std::move(file)) {}
  ~CopyProgress();
  CopyProgress(const CopyProgress&) = delete;
  CopyProgress& operator=(const CopyProgress&) = delete;

  /// Reads the file if there is one, and keeps other processes from it as long as this object lives. conflict
  /// "copy_running" when another one has it; unavailable "copy_progress" when the folder can't be written to.
  Result<> lock();

  /// Of the copy that left the file, or of begin_anew(); empty: there was none.
  const std::string& id() const { return id_; }
  /// Forgets what was read. The file stays until note().
  void begin_anew(std::string id);

  /// True for a table that an earlier run has finished. Asked in the order of the tables.
  bool is_past(std::string_view table);
  /// Where to go on in it; empty for its beginning.
  std::string place_in(std::string_view table) const { return table == table_ ? place_ : std::string(); }

  /// unavailable "copy_progress".
  Result<> note(std::string_view table, std::string_view place);
  void done();

 private:
  std::string lock_file() const { return file_ + ".lock"; }

  std::string file_, id_, table_, place_;
  int lock_ = -1;
  bool goes_on_ = false;
  bool reached_ = false;
};

}  // namespace relay
