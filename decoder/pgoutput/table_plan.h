#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "decoder/pgoutput/message.h"
#include "decoder/pgoutput/table_options.h"
#include "decoder/schema/change_event.h"

namespace walpulse::decoder {

/// What the options, which outlive it, mean for one description of their table, worked out once for
/// all its rows. Rows come out of fill_*() into vectors that the caller keeps, so that no row
/// allocates.
class TablePlan {
 public:
  TablePlan(std::shared_ptr<const schema::Table> table, const TableOptions& options);

  const schema::Table* table() const { return table_.get(); }
  /// The columns that stay home only because nobody knows their types.
  const std::vector<std::string>& withheld() const { return withheld_; }

  /// Whether an update gives its row another key. Under REPLICA IDENTITY FULL that is told by the
  /// options' key columns; without them nothing tells one key from another.
  bool key_changed(const std::optional<OldRow>& old_row, const Tuple& tuple) const;
  /// The key's columns; the others are absent.
  void fill_key(const OldRow& old_row, schema::Row& row) const;
  /// In a key tuple, the columns outside the replica identity are absent.
  void fill_old(const OldRow& old_row, schema::Row& row) const;
  /// Values that the server did not resend are taken from the old tuple, as far as it holds them: a
  /// full one does, and one of the key does for the key.
  void fill_new(const Tuple& tuple, const std::optional<OldRow>& old_row, schema::Row& row) const;
  /// From the raw tuple: a label leaves also where its column stays home. Returns how many could
  /// not be read.
  std::uint64_t fill_labels(const Tuple& tuple, const std::optional<OldRow>& old_row,
                            std::vector<schema::Label>& labels);
  /// Likewise, where the row says that it failed: empty where it says no reason, nothing elsewhere.
  /// Returns whether it could not be read.
  bool fill_error(const Tuple& tuple, const std::optional<OldRow>& old_row,
                  std::optional<std::string>& error);

 private:
  struct PlannedLabel {
    const LabelRule* rule;
    std::size_t column;
  };

  /// Where an error rule's columns stand; there is none where the table lacks one of them.
  struct PlannedError {
    const ErrorRule* rule;
    std::size_t column, status;
  };

  std::optional<std::size_t> place_of(const std::string& column) const;
  bool holds(const OldRow& old_row, std::size_t column) const;
  const Value& resent(const Tuple& tuple, const std::optional<OldRow>& old_row,
                      std::size_t column) const;
  schema::Cell old_cell(const OldRow& old_row, std::size_t column) const;

  std::shared_ptr<const schema::Table> table_;
  bool full_tells_keys_;
  std::vector<bool> stays_home_;
  std::vector<std::string> withheld_;
  std::vector<PlannedLabel> labels_;
  std::optional<PlannedError> error_;
  std::string scratch_;
};

}  // namespace walpulse::decoder
