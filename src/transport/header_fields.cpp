#include "transport/header_fields.hpp"

#include "transport/base64.hpp"

#include <algorithm>
#include <array>

namespace rb::transport {
namespace {

constexpr std::array<bool, 256> make_token_chars() {
    std::array<bool, 256> table{};
    for (unsigned c = '0'; c <= '9'; ++c) table[c] = true;
    for (unsigned c = 'a'; c <= 'z'; ++c) table[c] = true;
    for (const char c : std::string_view("!#$%&'*+-.^_`|~"))
        table[static_cast<unsigned char>(c)] = true;
    return table;
}
constexpr auto token_chars = make_token_chars();

// RFC 9110, 5.5: no control character but the tab.
constexpr std::array<bool, 256> make_value_chars() {
    std::array<bool, 256> table{};
    for (unsigned c = 0x20; c < table.size(); ++c) table[c] = c != 0x7f;
    table['\t'] = true;
    return table;
}
constexpr auto value_chars = make_value_chars();

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

}  // namespace

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

bool is_field_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return token_chars[static_cast<unsigned char>(c)];
    });
}

bool is_field_value(std::string_view value) {
    if (!value.empty() && (is_blank(value.front()) || is_blank(value.back()))) return false;
    return std::all_of(value.begin(), value.end(),
                       [](char c) { return value_chars[static_cast<unsigned char>(c)]; });
}

void HeaderFields::add(std::string_view name, std::string_view value) {
    if (!is_field_name(name) || !is_field_value(value)) return;
    add_unchecked(name, value);
}

void HeaderFields::add_binary(std::string_view name, std::string_view bytes) {
    // Unpadded, as the gRPC protocol asks of senders.
    add(name, base64_encode(bytes, Padding::without));
}

void HeaderFields::add_unchecked(std::string_view name, std::string_view value) {
    entries_.push_back({static_cast<std::uint32_t>(text_.size()),
                        static_cast<std::uint32_t>(name.size()),
                        static_cast<std::uint32_t>(value.size())});
    text_.append(name).append(value);
}

std::optional<std::string_view> HeaderFields::find(std::string_view name) const {
    for (const auto field : *this) {
        if (field.name == name) return field.value;
    }
    return std::nullopt;
}

Result<std::optional<std::string>> HeaderFields::find_binary(std::string_view name) const {
    const auto text = find(name);
    if (!text) return std::optional<std::string>();
    auto bytes = base64_decode(*text);
    if (!bytes) return invalid_field(std::string(name), "must be base64");
    return bytes;
}

std::optional<std::string_view> HeaderFields::find_cookie(std::string_view name) const {
    // HTTP/2 may split the pairs over several cookie fields (RFC 9113, 8.2.3).
    for (const auto field : *this) {
        if (field.name != "cookie") continue;
        std::string_view rest = field.value;
        while (!rest.empty()) {
            const auto end = std::min(rest.find(';'), rest.size());
            const auto pair = trimmed(rest.substr(0, end));
            const auto equals = pair.find('=');
            if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
                return pair.substr(equals + 1);
            }
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    return std::nullopt;
}

HeaderFields::Field HeaderFields::operator[](std::size_t index) const {
    const auto& entry = entries_[index];
    const std::string_view text = text_;
    return {text.substr(entry.offset, entry.name_bytes),
            text.substr(entry.offset + entry.name_bytes, entry.value_bytes)};
}

void HeaderFields::reserve(std::size_t text_bytes, std::size_t fields) {
    text_.reserve(text_bytes);
    entries_.reserve(fields);
}

void HeaderFields::clear() {
    text_.clear();
    entries_.clear();
}

}  // namespace rb::transport
