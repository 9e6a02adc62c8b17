// What one change costs on its way through the connector, without any I/O. Items are changes.

#include <benchmark/benchmark.h>

#include "bench/micro/mage_messages.h"
#include "decoder/base/base64.h"
#include "decoder/schema/event_json.h"
#include "decoder/schema/message_attributes.h"
#include "publisher/sinks/pubsub_sink.h"

namespace walpulse::bench {
namespace {

constexpr std::uint64_t kFirstLsn = 0x1'0000'0000;

/// Feeds one-row transactions for as long as the benchmark asks, and hands each event on.
template <class Use>
void feed(benchmark::State& state, bool with_label, Use use, MoreColumns more = 0) {
  decoder::EventDecoder decoder(mage_options(with_label));
  const auto messages = transaction(812, kFirstLsn, more);
  const auto relation = relation_message(more);
  const auto give = [&](const std::string& message) {
    auto step = decoder.feed(Lsn{kFirstLsn}, decoder::pgoutput::bytes(message));
    if (!step) state.SkipWithError(step.error().message.c_str());
    return step;
  };
  give(messages.front());
  give(relation);
  give(messages.back());
  for (auto _ : state) {
    for (const auto& message : messages) {
      auto step = give(message);
      if (!step) return;
      if (auto* event = std::get_if<schema::ChangeEvent*>(&*step)) use(**event);
    }
  }
  std::size_t bytes = 0;
  for (const auto& message : messages) bytes += message.size();
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}

void Decode(benchmark::State& state) {
  feed(state, false, [](schema::ChangeEvent& event) { benchmark::DoNotOptimize(event.after); });
}
BENCHMARK(Decode);

void DecodeToJson(benchmark::State& state) {
  std::string json;
  feed(state, false, [&](schema::ChangeEvent& event) {
    json.clear();
    schema::append_json(event, json);
    benchmark::DoNotOptimize(json);
  });
}
BENCHMARK(DecodeToJson);

void DecodeToJsonWithColumns(benchmark::State& state) {
  std::string json;
  feed(
      state, false,
      [&](schema::ChangeEvent& event) {
        json.clear();
        schema::append_json(event, json);
        benchmark::DoNotOptimize(json);
      },
      static_cast<MoreColumns>(state.range(0)));
}
BENCHMARK(DecodeToJsonWithColumns)->ArgName("more_columns")->Arg(15)->Arg(60);

void DecodeToJsonWithLabel(benchmark::State& state) {
  std::string json;
  feed(state, true, [&](schema::ChangeEvent& event) {
    json.clear();
    schema::append_json(event, json);
    benchmark::DoNotOptimize(json);
  });
}
BENCHMARK(DecodeToJsonWithLabel);

publisher::Message message_of(const schema::ChangeEvent& event) {
  publisher::Message message;
  schema::append_json(event, message.data);
  message.attributes = schema::message_attributes(event, false);
  message.ordering_key = schema::ordering_key(event, 64);
  return message;
}

void DecodeToMessage(benchmark::State& state) {
  feed(state, false, [](schema::ChangeEvent& event) {
    auto message = message_of(event);
    benchmark::DoNotOptimize(message);
  });
}
BENCHMARK(DecodeToMessage);

void Base64(benchmark::State& state) {
  const std::string bytes(static_cast<std::size_t>(state.range(0)), 'x');
  std::string out;
  for (auto _ : state) {
    out.clear();
    append_base64(bytes, out);
    benchmark::DoNotOptimize(decode_base64(out));
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(Base64)->ArgName("bytes")->Arg(700)->Arg(70'000);

/// base64 and the publish request's body, for a batch of so many messages.
void PublishBody(benchmark::State& state) {
  decoder::EventDecoder decoder(mage_options(false));
  std::vector<publisher::Message> batch;
  const auto give = [&](const std::string& message) {
    auto step = decoder.feed(Lsn{kFirstLsn}, decoder::pgoutput::bytes(message));
    if (!step) return state.SkipWithError(step.error().message.c_str());
    if (auto* event = std::get_if<schema::ChangeEvent*>(&*step))
      batch.push_back(message_of(**event));
  };
  const auto messages = transaction(812, kFirstLsn);
  give(messages.front());
  give(relation_message());
  for (std::int64_t i = 0; i < state.range(0); ++i) give(messages[1]);
  for (auto _ : state) benchmark::DoNotOptimize(publisher::publish_body(batch));
  state.SetItemsProcessed(state.iterations() * state.range(0));
  const auto bytes = static_cast<std::int64_t>(publisher::publish_body(batch).size());
  state.SetBytesProcessed(state.iterations() * bytes);
}
BENCHMARK(PublishBody)->Arg(1)->Arg(100)->Arg(1000);

}  // namespace
}  // namespace walpulse::bench
