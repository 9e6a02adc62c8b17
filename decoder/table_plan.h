#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "decoder/event_decoder.h"
#include "decoder/message.h"
#include "decoder/schema/change_event.h"

namespace walpulse::decoder {

/// What the options mean for one description of the table, worked out once for all its rows.
/// Rows come out of fill_*() into vectors that the caller keeps, so that no row allocates.
class TablePlan {
 public:
  TablePlan(std::shared_ptr<const schema::Table> table, const EventDecoderOptions& options);

  const schema::Table* table() const { return table_.get(); }

  /// In a key tuple, the columns outside the replica identity are absent.
  void fill_old(const OldRow& old_row, schema::Row& row) const;
  /// With a full old tuple, the values that the server did not resend are taken from there.
  void fill_new(const Tuple& tuple, const std::optional<OldRow>& old_row, schema::Row& row) const;
  /// From the raw tuple: a label leaves also where its column stays home.
  void fill_labels(const Tuple& tuple, const std::optional<OldRow>& old_row,
                   std::vector<schema::Label>& labels);

 private:
  struct PlannedLabel {
    const LabelRule* rule;
    std::size_t column;
  };

  std::shared_ptr<const schema::Table> table_;
  std::vector<bool> stays_home_;
  std::vector<PlannedLabel> labels_;
  std::string scratch_;
};

}  // namespace walpulse::decoder
