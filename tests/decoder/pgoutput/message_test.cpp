#include "decoder/pgoutput/message.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <memory>

#include "tests/decoder/pgoutput_builder.h"

namespace walpulse::decoder {
namespace {

using pgoutput::binary;
using pgoutput::null;
using pgoutput::text;
using pgoutput::unchanged;

/// Decodes a copy of exactly the message's size on the heap, so that the sanitizer sees every read
/// beyond its end.
Result<Message> decode_exactly(std::string_view message, TupleBuffer& tuples) {
  const auto copy = std::make_unique<std::byte[]>(message.size());
  std::ranges::copy(pgoutput::bytes(message), copy.get());
  return decode(Bytes(copy.get(), message.size()), tuples);
}

std::vector<std::string> one_of_each() {
  const auto columns = std::vector<pgoutput::ColumnOf>{{"id", 23, true}, {"status", 25}};
  return {
      pgoutput::begin(100, 5, 771),
      pgoutput::commit(100, 120, 5),
      pgoutput::origin(),
      pgoutput::relation(16384, "public", "pipeline_run", 'd', columns),
      pgoutput::type(),
      pgoutput::insert(16384, {text("812"), null()}),
      pgoutput::update(16384, {text("812"), unchanged()}),
      pgoutput::update(16384, 'K', {text("811"), null()}, {text("812"), text("x")}),
      pgoutput::update(16384, 'O', {text("811"), text("y")}, {text("812"), binary("x")}),
      pgoutput::remove(16384, 'K', {text("812"), null()}),
      pgoutput::remove(16384, 'O', {text("812"), text("x")}),
      pgoutput::truncate({16384, 16385}, 3),
      pgoutput::logical_message("hello"),
  };
}

template <class T>
T decoded(const std::string& message, TupleBuffer& tuples) {
  const Result<Message> result = decode(pgoutput::bytes(message), tuples);
  EXPECT_TRUE(result) << (result ? "" : result.error().message);
  EXPECT_TRUE(result && std::holds_alternative<T>(*result));
  return std::get<T>(result.value());
}

TEST(Message, ReadsTheTransactionsEdges) {
  TupleBuffer tuples;
  const std::string first = pgoutput::begin(0x16B374D848, 0, 771);
  const auto begin = decoded<Begin>(first, tuples);
  EXPECT_EQ(begin.final_lsn, Lsn{0x16B374D848});
  EXPECT_EQ(to_rfc3339(begin.commit_time), "2000-01-01T00:00:00.000000Z");
  EXPECT_EQ(begin.xid, Xid{771});
  const std::string last = pgoutput::commit(100, 120, 1);
  const auto commit = decoded<Commit>(last, tuples);
  EXPECT_EQ(commit.commit_lsn, Lsn{100});
  EXPECT_EQ(commit.end_lsn, Lsn{120});
  EXPECT_EQ(to_rfc3339(commit.commit_time), "2000-01-01T00:00:00.000001Z");
}

TEST(Message, ReadsDescriptions) {
  TupleBuffer tuples;
  const std::string message =
      pgoutput::relation(16384, "public", "pipeline_run", 'f', {{"id", 23, true}, {"status", 25}});
  const auto relation = decoded<Relation>(message, tuples);
  EXPECT_EQ(relation.id, Oid{16384});
  EXPECT_EQ(relation.schema, "public");
  EXPECT_EQ(relation.table, "pipeline_run");
  EXPECT_EQ(relation.identity, ReplicaIdentity::full);
  ASSERT_EQ(relation.columns.size(), 2u);
  EXPECT_TRUE(relation.columns[0].key);
  EXPECT_EQ(relation.columns[0].name, "id");
  EXPECT_EQ(relation.columns[0].type, Oid{23});
  EXPECT_EQ(relation.columns[0].modifier, -1);
  EXPECT_FALSE(relation.columns[1].key);

  const std::string of_type = pgoutput::type();
  const auto type = decoded<Type>(of_type, tuples);
  EXPECT_EQ(type.id, Oid{16390});
  EXPECT_EQ(type.name, "pipelinerunstatus");
  const std::string of_origin = pgoutput::origin();
  EXPECT_EQ(decoded<Origin>(of_origin, tuples).name, "upstream");
}

TEST(Message, ARelationHasEachColumnOnce) {
  TupleBuffer tuples;
  const std::string twice =
      pgoutput::relation(16384, "public", "pipeline_run", 'f', {{"id", 23, true}, {"id", 25}});
  const auto relation = decode(pgoutput::bytes(twice), tuples);
  ASSERT_FALSE(relation);
  EXPECT_EQ(relation.error().kind, ErrorKind::malformed);
  EXPECT_NE(relation.error().message.find("two columns of one name"), std::string::npos);
}

TEST(Message, ReadsEveryKindOfValue) {
  TupleBuffer tuples;
  const std::string message =
      pgoutput::insert(16384, {text("x"), text(""), null(), unchanged(), binary("\x01")});
  const auto insert = decoded<Insert>(message, tuples);
  ASSERT_EQ(insert.row.values.size(), 5u);
  EXPECT_EQ(insert.row.offset, 6u);
  EXPECT_EQ(insert.row.values[0].kind, Value::Kind::text);
  EXPECT_EQ(insert.row.values[0].bytes, "x");
  EXPECT_EQ(insert.row.values[1].kind, Value::Kind::text);
  EXPECT_EQ(insert.row.values[2].kind, Value::Kind::null);
  EXPECT_EQ(insert.row.values[3].kind, Value::Kind::unchanged);
  EXPECT_EQ(insert.row.values[4].kind, Value::Kind::binary);
  EXPECT_EQ(insert.row.values[4].bytes, "\x01");
}

TEST(Message, KeepsOldAndNewRowApart) {
  TupleBuffer tuples;
  const std::string plain = pgoutput::update(1, {text("new")});
  EXPECT_FALSE(decoded<Update>(plain, tuples).old_row);
  const std::string keyed = pgoutput::update(1, 'K', {text("old")}, {text("new")});
  const auto update = decoded<Update>(keyed, tuples);
  ASSERT_TRUE(update.old_row);
  EXPECT_EQ(update.old_row->extent, OldRow::Extent::key);
  EXPECT_EQ(update.old_row->tuple.values[0].bytes, "old");
  EXPECT_EQ(update.row.values[0].bytes, "new");
  const std::string full = pgoutput::remove(1, 'O', {text("old")});
  EXPECT_EQ(decoded<Delete>(full, tuples).old_row.extent, OldRow::Extent::full);
}

TEST(Message, ReadsTruncatesAndLogicalMessages) {
  TupleBuffer tuples;
  const auto truncate = decoded<Truncate>(pgoutput::truncate({1, 2}, 2), tuples);
  EXPECT_EQ(truncate.relations, (std::vector<Oid>{Oid{1}, Oid{2}}));
  EXPECT_FALSE(truncate.cascade);
  EXPECT_TRUE(truncate.restart_identity);
  const std::string noted = pgoutput::logical_message("hello");
  const auto message = decoded<LogicalMessage>(noted, tuples);
  EXPECT_TRUE(message.transactional);
  EXPECT_EQ(message.prefix, "app");
  EXPECT_EQ(message.content, "hello");
}

TEST(Message, EveryTruncationIsMalformed) {
  for (const std::string& message : one_of_each()) {
    TupleBuffer tuples;
    ASSERT_TRUE(decode_exactly(message, tuples)) << message[0];
    for (std::size_t size = 0; size < message.size(); ++size) {
      const Result<Message> result = decode_exactly(message.substr(0, size), tuples);
      ASSERT_FALSE(result) << message[0] << " cut to " << size;
      EXPECT_EQ(result.error().kind, ErrorKind::malformed);
    }
  }
}

TEST(Message, UnreadBytesAreMalformed) {
  for (const std::string& message : one_of_each()) {
    TupleBuffer tuples;
    EXPECT_FALSE(decode_exactly(message + '\0', tuples)) << message[0];
  }
}

TEST(Message, RefusesWhatProtocol1DoesNotKnow) {
  TupleBuffer tuples;
  const std::string cases[] = {
      "S",
      "x",
      std::string(1, '\0'),
      pgoutput::insert(1, {{'?', {}}}),
      pgoutput::update(1, 'X', {}, {}),
      pgoutput::remove(1, 'N', {}),
      pgoutput::relation(1, "s", "t", 'x', {}),
      pgoutput::Bytestream('C').u8(1).u64(1).u64(2).u64(3).str(),
  };
  for (const std::string& message : cases) {
    const Result<Message> result = decode_exactly(message, tuples);
    ASSERT_FALSE(result) << message;
    EXPECT_EQ(result.error().kind, ErrorKind::malformed);
  }
}

TEST(Message, RefusalsNameTypeAndOffset) {
  TupleBuffer tuples;
  const std::string message = pgoutput::insert(16384, {text("812")});
  EXPECT_EQ(decode_exactly(message.substr(0, message.size() - 1), tuples).error().message,
            "Insert message, offset 13: a length of 3 with 2 bytes left");
  EXPECT_EQ(decode_exactly("S", tuples).error().message,
            "message of type 83, offset 1: no message of protocol 1");
  EXPECT_NE(decode_exactly("P", tuples).error().message.find("two_phase"), std::string::npos);
}

TEST(Message, MutatedMessagesAreReadWithinTheirBounds) {
  const std::vector<std::string> seeds = one_of_each();
  EXPECT_TRUE(rc::check([&] {
    std::string message = *rc::gen::elementOf(seeds);
    const auto mutations = *rc::gen::inRange(1, 5);
    for (int i = 0; i < mutations; ++i) {
      message[*rc::gen::inRange<std::size_t>(0, message.size())] = *rc::gen::arbitrary<char>();
    }
    message.resize(*rc::gen::inRange<std::size_t>(0, message.size() + 3));
    TupleBuffer tuples;
    const Result<Message> result = decode_exactly(message, tuples);
    RC_ASSERT(result || result.error().kind == ErrorKind::malformed);
  }));
}

}  // namespace
}  // namespace walpulse::decoder
