// How values of the domain stand in messages: times as RFC 3339 in UTC, ids as UUID text, money as
// a decimal with two places, "" for what is absent (wire contract).

#pragma once

#include "base/id.hpp"
#include "base/result.hpp"

#include "core/money/money.hpp"
#include "core/named_enum.hpp"
#include "core/page.hpp"
#include "core/ports/clock.hpp"

#include <rustbill/pagination.pb.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace rb::server {

// "2026-11-23T15:11:02.123456Z"; whole seconds without a fraction.
std::string time_text(core::Timestamp time);
std::string time_text(const std::optional<core::Timestamp>& time);
// Any RFC 3339 time, whatever its offset; finer than a microsecond is cut. In UTC it is of the
// years 0001 to 9999. ERRORS: invalid_argument
Result<core::Timestamp> parse_time(std::string_view text, std::string_view field);
// Empty means nothing.
Result<std::optional<core::Timestamp>> parse_optional_time(std::string_view text,
                                                           std::string_view field);

template <typename SomeId>
std::string id_text(const std::optional<SomeId>& id) {
    return id ? id->to_string() : std::string();
}
// A nil id names nothing.
template <typename Tag>
std::string id_text(const Id<Tag>& id) {
    return id.is_nil() ? std::string() : id.to_string();
}

// Empty means nothing.
// ERRORS: invalid_argument
template <typename SomeId>
Result<std::optional<SomeId>> parse_optional_id(std::string_view text, std::string_view field) {
    if (text.empty()) return std::optional<SomeId>();
    return std::optional<SomeId>(TRY(SomeId::parse(text, field)));
}

// Empty means nothing.
// ERRORS: invalid_argument  none of the words
template <core::NamedEnum Enum>
Result<std::optional<Enum>> parse_optional_enum(std::string_view text, std::string_view field) {
    if (text.empty()) return std::optional<Enum>();
    return std::optional(TRY(core::parse_enum<Enum>(text, field)));
}

// Empty means nothing.
inline std::optional<std::string> optional_text(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

// Of an optional field of a message: nothing when it is not set.
template <typename Value>
std::optional<Value> when(bool is_set, const Value& value) {
    return is_set ? std::optional<Value>(value) : std::nullopt;
}

template <typename ProtoMap>
std::map<std::string, std::string> text_map(const ProtoMap& map) {
    return {map.begin(), map.end()};
}

// ERRORS: as core::PageRequest::create
Result<core::PageRequest> page_of(const rustbill::common::PageRequest& request);
void fill_meta(std::uint64_t total, core::PageRequest page, rustbill::common::PageMeta& meta);

}  // namespace rb::server
