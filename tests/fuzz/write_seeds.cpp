#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/connector/pgoutput_writer.h"
#include "tests/decoder/pgoutput_builder.h"

// Writes the seeds that are not text into the corpus folder that the argument names.

namespace walpulse {
namespace {

namespace fs = std::filesystem;
using namespace decoder::pgoutput;
using connector::testing::big_endian;

constexpr std::uint32_t kRuns = 16384;
constexpr std::uint64_t kCommitLsn = 24023200;
constexpr std::int64_t kCommitTime = 816991532907123;

void write(const fs::path& path, const std::string& bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string runs_relation(char identity) {
  const bool full = identity == 'f';
  return relation(kRuns, "public", "pipeline_run", identity,
                  {{"id", 23, true},
                   {"created_at", 1184, full},
                   {"pipeline_uuid", 1043, full},
                   {"passed_sla", 16, full},
                   {"variables", 114, full}});
}

TupleOf row(const std::string& id, ValueOf variables) {
  return {text(id), text("2025-11-20 21:45:30.1012+00"), text("daily_sales"), text("t"),
          std::move(variables)};
}
TupleOf key_only(const std::string& id) { return {text(id), null(), null(), null(), null()}; }

/// One transaction: each message after its length.
std::string session(std::vector<std::string> changes, char identity = 'd') {
  changes.insert(changes.begin(), {begin(kCommitLsn, kCommitTime, 771), runs_relation(identity)});
  changes.push_back(commit(kCommitLsn, kCommitLsn + 48, kCommitTime));
  std::string all;
  for (const std::string& change : changes) all += big_endian(change.size(), 2) + change;
  return all;
}

void write_sessions(const fs::path& folder) {
  const std::string json = R"({"partner":"acme","a":{"b":7}})";
  write(folder / "insert", session({insert(kRuns, row("812", text(json)))}));
  write(folder / "update_without_old_row", session({update(kRuns, row("812", text("{}")))}));
  write(folder / "update_unchanged_toast", session({update(kRuns, row("812", unchanged()))}));
  write(folder / "update_key",
        session({update(kRuns, 'K', key_only("812"), row("813", text(json)))}));
  write(folder / "update_replica_identity_full",
        session({update(kRuns, 'O', row("812", text(json)), row("812", unchanged()))}, 'f'));
  write(folder / "delete_key", session({remove(kRuns, 'K', key_only("812"))}));
  write(folder / "delete_full", session({remove(kRuns, 'O', row("812", null()))}, 'f'));
  write(folder / "truncate_cascade", session({truncate({kRuns, 16999}, 1)}));
  write(folder / "truncate_restart_identity", session({truncate({kRuns}, 2)}));
  write(folder / "not_utf8", session({insert(kRuns, row("1", text("\xFF\xFE\"")))}));
  write(folder / "binary_value", session({insert(kRuns, row("1", binary("\1\2")))}));
  write(folder / "another_table", session({insert(16999, {text("1")})}));
  write(folder / "type_origin_and_message",
        session({type(), origin(), logical_message("hello"), insert(kRuns, row("1", text("[]")))}));
  write(folder / "two_transactions",
        session({insert(kRuns, row("1", null()))}) + session({remove(kRuns, 'K', key_only("1"))}));
  write(folder / "infinity",
        session({insert(kRuns, {text("-2147483648"), text("infinity"), null(), null(), null()})}));
}

void write_frames(const fs::path& folder) {
  const std::string head =
      "w" + big_endian(0x100, 8) + big_endian(0x200, 8) + big_endian(1'000'000, 8);
  write(folder / "keepalive_reply_requested",
        "k" + big_endian(0x1'0000'0200, 8) + big_endian(0, 8) + big_endian(1, 1));
  write(folder / "keepalive_no_reply",
        "k" + big_endian(1, 8) + big_endian(0, 8) + std::string(1, 0));
  write(folder / "wal_data_empty", head);
  write(folder / "wal_data_begin", head + begin(kCommitLsn, kCommitTime, 771));
  write(folder / "wal_data_commit", head + commit(kCommitLsn, kCommitLsn + 48, kCommitTime));
  write(folder / "wal_data_relation", head + runs_relation('d'));
  write(folder / "wal_data_insert", head + insert(kRuns, row("1", text("{}"))));
  write(folder / "wal_data_update",
        head + update(kRuns, 'O', row("1", text("{}")), row("1", unchanged())));
  write(folder / "wal_data_delete", head + remove(kRuns, 'K', key_only("1")));
  write(folder / "wal_data_truncate", head + truncate({kRuns, 16999}, 3));
  write(folder / "wal_data_type", head + type());
  write(folder / "wal_data_origin", head + origin());
  write(folder / "wal_data_logical_message", head + logical_message("hello"));
  write(folder / "unknown_type", "z" + head);
}

std::string copy_head() { return std::string("PGCOPY\n\377\r\n\0", 11) + big_endian(0, 8); }

std::string copy_row(std::string_view data) {
  return big_endian(3, 2) + big_endian(8, 4) + big_endian(kCommitLsn, 8) + big_endian(4, 4) +
         big_endian(771, 4) + big_endian(data.size(), 4) + std::string(data);
}

/// The first byte says into how long pieces the rest is cut.
void write_copies(const fs::path& folder) {
  const std::string end = big_endian(0xffff, 2);
  const std::string rows = copy_row(begin(kCommitLsn, kCommitTime, 771)) +
                           copy_row(runs_relation('d')) +
                           copy_row(insert(kRuns, row("1", text("{}")))) +
                           copy_row(commit(kCommitLsn, kCommitLsn + 48, kCommitTime));
  write(folder / "one_transaction_whole", '\0' + copy_head() + rows + end);
  write(folder / "one_transaction_byte_by_byte", '\1' + copy_head() + rows + end);
  write(folder / "one_transaction_in_pieces_of_17", '\x11' + copy_head() + rows + end);
  write(folder / "no_rows", '\0' + copy_head() + end);
  write(folder / "cut_within_a_row", '\5' + copy_head() + rows.substr(0, rows.size() - 9));
  write(folder / "bytes_after_the_end", '\0' + copy_head() + end + "x");
  write(folder / "empty_message", '\3' + copy_head() + copy_row("") + end);
  write(folder / "data_of_impossible_length",
        '\0' + copy_head() + copy_row("").substr(0, 22) + big_endian(0x7fffffff, 4));
  write(folder / "null_data",
        '\0' + copy_head() + copy_row("").substr(0, 22) + big_endian(0xffffffff, 4) + end);
  write(folder / "two_fields", '\0' + copy_head() + big_endian(2, 2) + end);
  write(folder / "unknown_critical_flag",
        '\0' + copy_head().substr(0, 11) + big_endian(0x10000, 4) + big_endian(0, 4) + end);
  write(folder / "extension",
        '\2' + copy_head().substr(0, 15) + big_endian(3, 4) + "abc" + rows + end);
  write(folder / "text_instead", '\0' + std::string("0/16B3748\t771\t\\x42\n"));
}

}  // namespace
}  // namespace walpulse

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: fuzz_seeds tests/fuzz/corpus\n");
    return 64;
  }
  const std::filesystem::path corpus = argv[1];
  walpulse::write_sessions(corpus / "pgoutput");
  walpulse::write_frames(corpus / "wal_frame");
  walpulse::write_copies(corpus / "slot_copy");
  return 0;
}
