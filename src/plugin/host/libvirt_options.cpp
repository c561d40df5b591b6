#include "plugin/host/libvirt_options.hpp"

#include "rune/embed.hpp"

#include "plugin/encoding/text_encoding.hpp"
#include "plugin/host/call_state.hpp"
#include "plugin/limits.hpp"

#include <algorithm>

namespace rb::plugin {

namespace {

constexpr std::string_view own_prefix = "rb-";

bool is_name(std::string_view text) {
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
    };
    if (text.empty() || text.size() > libvirt_name_bytes_max || !is_letter(text.front())) {
        return false;
    }
    return std::ranges::all_of(
        text, [&](char c) { return is_letter(c) || c == '.' || c == '-' || c == '+' || c == ':'; });
}

Result<> check_text(const std::string& field, const std::string& text) {
    if (text.size() > libvirt_text_bytes_max) {
        return invalid_field(field, field + " must be at most 4096 bytes");
    }
    const bool has_control = std::ranges::any_of(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    if (has_control || !is_utf8(text)) {
        return invalid_field(field, field + " must be UTF-8 without control characters");
    }
    return {};
}

}  // namespace

bool LibvirtOptions::has(const std::string& field) const {
    const auto found = options_.find(field);
    return found != options_.end() && !found->is_null();
}

Result<std::string> LibvirtOptions::name(const std::string& field) const {
    auto text = text_option(options_, field);
    if (!is_name(text)) {
        return invalid_field(field, field +
                                        " must be letters, digits, '.', '_', '-', '+' and ':', at "
                                        "most 100, not '.' or '-' first");
    }
    return text;
}

Result<std::string> LibvirtOptions::optional_name(const std::string& field) const {
    if (text_option(options_, field).empty()) return std::string();
    return name(field);
}

Result<std::string> LibvirtOptions::own_name(const std::string& field) const {
    auto text = TRY(name(field));
    if (!text.starts_with(own_prefix)) return invalid_field(field, field + " must begin with rb-");
    return text;
}

Result<std::string> LibvirtOptions::text(const std::string& field) const {
    auto text = text_option(options_, field);
    TRY(check_text(field, text));
    return text;
}

Result<std::string> LibvirtOptions::required_text(const std::string& field) const {
    auto found = TRY(text(field));
    if (found.empty()) return invalid_field(field, field + " is missing");
    return found;
}

std::string LibvirtOptions::content(const std::string& field) const {
    return text_option(options_, field);
}

Json LibvirtOptions::object(const std::string& field) const {
    if (!has(field)) return {};
    if (!options_[field].is_object()) rune::panic("option `" + field + "` must be an object");
    return options_[field];
}

bool LibvirtOptions::boolean(const std::string& field) const {
    if (!has(field)) return false;
    if (!options_[field].is_boolean()) rune::panic("option `" + field + "` must be a boolean");
    return options_[field].get<bool>();
}

Result<std::int64_t> LibvirtOptions::integer(const std::string& field, std::int64_t least,
                                             std::int64_t most, std::int64_t absent) const {
    if (!has(field)) return absent;
    if (!options_[field].is_number_integer()) {
        rune::panic("option `" + field + "` must be an integer");
    }
    const auto number = options_[field].get<std::int64_t>();
    if (number < least || number > most) {
        return invalid_field(
            field, field + " must be " + std::to_string(least) + " to " + std::to_string(most));
    }
    return number;
}

Result<core::StringMap> LibvirtOptions::texts(const std::string& field) const {
    core::StringMap map;
    const Json found = object(field);
    if (found.is_null()) return map;
    if (found.size() > libvirt_metadata_entries_max) {
        return invalid_field(field, field + " must have at most 50 entries");
    }
    for (const auto& [name, value] : found.items()) {
        if (!value.is_string()) rune::panic("option `" + field + "` must hold Strings");
        auto text = value.get<std::string>();
        if (!is_name(name)) return invalid_field(field, field + " must have names as its keys");
        TRY(check_text(field, text));
        map.emplace(name, std::move(text));
    }
    return map;
}

}  // namespace rb::plugin
