#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "monitor/messages/context.h"
#include "monitor/messages/message.h"

namespace walpulse::monitor::messages {

/// A value of the evidence; empty where it is not said. Refers to `finding`.
std::string_view said(const Finding& finding, std::string_view name);
std::optional<std::uint64_t> number_said(const Finding& finding, std::string_view name);
std::optional<Timestamp> time_said(const Finding& finding, std::string_view name);

/// "failing", within a sentence.
std::string title_within(ProblemKind kind);
/// The pipeline whose problem it is; empty where it is the source's.
std::string pipeline_of(const Finding& finding);
/// "partner acme, region eu"; empty where there are none, or `details` keeps them.
std::string labels_said(const Finding& finding, Details details);
/// The subject as a line names it: "*daily_sales* (partner acme)", or "*A pipeline*".
void say_subject(Text& text, const Finding& finding, Details details);
/// The same as one text, for a list.
std::string subject_said(const Finding& finding, Details details);

}  // namespace walpulse::monitor::messages
