#include "plugin/host/libvirt_options.hpp"

#include "base/utf8.hpp"

#include "rune/embed.hpp"

#include "plugin/encoding/text_encoding.hpp"
#include "plugin/host/call_state.hpp"
#include "plugin/limits.hpp"
#include "plugin/time_text.hpp"

#include <algorithm>

namespace rb::plugin {

namespace {

constexpr std::string_view own_prefix = "rb-";

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_name(std::string_view text) {
    const auto may_begin = [](char c) { return is_letter_or_digit(c) || c == '_'; };
    if (text.empty() || text.size() > libvirt_name_bytes_max || !may_begin(text.front())) {
        return false;
    }
    return std::ranges::all_of(
        text, [&](char c) { return may_begin(c) || c == '.' || c == '-' || c == '+' || c == ':'; });
}

std::string name_rule() {
    return "must be letters, digits, '.', '_', '-', '+' and ':', at most " +
           std::to_string(libvirt_name_bytes_max) + ", not '.' or '-' first";
}

bool has_control(std::string_view text) {
    return std::ranges::any_of(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// XML 1.0, 2.2: of all that UTF-8 can say beyond control characters, U+FFFE and U+FFFF are no
// characters.
bool has_noncharacter(std::string_view text) {
    return text.find("\xef\xbf\xbe") != std::string_view::npos ||
           text.find("\xef\xbf\xbf") != std::string_view::npos;
}

Result<> check_text(const std::string& field, const std::string& text) {
    if (text.size() > libvirt_text_bytes_max) {
        return invalid_field(
            field, "must be at most " + std::to_string(libvirt_text_bytes_max) + " bytes");
    }
    if (has_control(text) || has_noncharacter(text) || !is_utf8(text)) {
        return invalid_field(field, "must be UTF-8 without control characters");
    }
    return {};
}

Result<std::int64_t> in_range(const std::string& field, std::int64_t number, std::int64_t least,
                              std::int64_t most) {
    if (number >= least && number <= most) return number;
    return invalid_field(field, "must be " + std::to_string(least) + " to " + std::to_string(most));
}

}  // namespace

bool LibvirtOptions::has(const std::string& field) const {
    const auto found = options_.find(field);
    return found != options_.end() && !found->is_null();
}

Result<std::string> LibvirtOptions::name(const std::string& field) const {
    auto text = text_option(options_, field);
    if (!is_name(text)) return invalid_field(field, name_rule());
    return text;
}

Result<std::string> LibvirtOptions::optional_name(const std::string& field) const {
    if (text_option(options_, field).empty()) return std::string();
    return name(field);
}

Result<std::string> LibvirtOptions::own_name(const std::string& field) const {
    auto text = TRY(name(field));
    if (!text.starts_with(own_prefix)) {
        return invalid_field(field, "must begin with " + std::string(own_prefix));
    }
    return text;
}

Result<std::string> LibvirtOptions::snapshot_name(const std::string& field) const {
    auto text = TRY(required_text(field));
    if (text.size() > libvirt_name_bytes_max || text.front() == '.' ||
        text.find('/') != std::string::npos) {
        return invalid_field(field, "must be at most " + std::to_string(libvirt_name_bytes_max) +
                                        " bytes, without '/' and not '.' first");
    }
    return text;
}

Result<std::string> LibvirtOptions::address(const std::string& field) const {
    auto text = text_option(options_, field);
    const bool is_host = std::ranges::all_of(
        text, [](char c) { return is_letter_or_digit(c) || c == '.' || c == '-' || c == ':'; });
    if (text.size() > libvirt_name_bytes_max || !is_host || text.starts_with('-')) {
        return invalid_field(field, "must be an address or the name of a host, at most " +
                                        std::to_string(libvirt_name_bytes_max) + " bytes");
    }
    return text;
}

Result<std::string> LibvirtOptions::text(const std::string& field) const {
    auto text = text_option(options_, field);
    TRY(check_text(field, text));
    return text;
}

Result<std::string> LibvirtOptions::required_text(const std::string& field) const {
    auto found = TRY(text(field));
    if (found.empty()) return invalid_field(field, "is missing");
    return found;
}

Result<std::string> LibvirtOptions::vnc_password(const std::string& field) const {
    auto found = TRY(required_text(field));
    if (found.size() > vnc_password_bytes_max) {
        return invalid_field(field, "must be at most " + std::to_string(vnc_password_bytes_max) +
                                        " bytes, which is what VNC compares");
    }
    return found;
}

Result<std::string> LibvirtOptions::utc_time(const std::string& field) const {
    constexpr std::string_view form = "2026-01-31T12:00:00";
    auto found = TRY(required_text(field));
    if (found.size() != form.size() || parse_rfc3339(found + "Z").has_error()) {
        return invalid_field(field, "must be a time of the form " + std::string(form));
    }
    return found;
}

Result<std::string> LibvirtOptions::word(const std::string& field,
                                         std::initializer_list<std::string_view> known) const {
    auto found = text_option(options_, field);
    if (std::ranges::find(known, found) != known.end()) return found;
    std::string rule = "must be one of";
    for (const auto one : known) {
        rule += one.empty() ? "" : " ";
        rule += one;
    }
    return invalid_field(field, rule);
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
    return required_integer(field, least, most);
}

Result<std::int64_t> LibvirtOptions::required_integer(const std::string& field, std::int64_t least,
                                                      std::int64_t most) const {
    if (!has(field)) return invalid_field(field, "is missing");
    if (!options_[field].is_number_integer()) {
        rune::panic("option `" + field + "` must be an integer");
    }
    return in_range(field, options_[field].get<std::int64_t>(), least, most);
}

Result<core::StringMap> LibvirtOptions::texts(const std::string& field) const {
    core::StringMap map;
    const Json found = object(field);
    if (found.is_null()) return map;
    if (found.size() > libvirt_metadata_entries_max) {
        return invalid_field(field, "must have at most " +
                                        std::to_string(libvirt_metadata_entries_max) + " entries");
    }
    for (const auto& [name, value] : found.items()) {
        if (!value.is_string()) rune::panic("option `" + field + "` must hold Strings");
        auto text = value.get<std::string>();
        if (!is_name(name)) return invalid_field(field, "its keys " + name_rule());
        TRY(check_text(field + "." + name, text));
        map.emplace(name, std::move(text));
    }
    return map;
}

}  // namespace rb::plugin
