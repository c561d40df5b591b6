#include "server/handlers/order/server_spec.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace rb::server {

namespace {

using Message = rustbill::order::ServerSpec;

struct NumberField {
    std::string_view key;
    std::uint32_t (Message::*get)() const;
    void (Message::*set)(std::uint32_t);
};

constexpr std::array<NumberField, 4> number_fields = {{
    {"cpu_cores", &Message::cpu_cores, &Message::set_cpu_cores},
    {"memory_gb", &Message::memory_gb, &Message::set_memory_gb},
    {"disk_gb", &Message::disk_gb, &Message::set_disk_gb},
    {"bandwidth_mbps", &Message::bandwidth_mbps, &Message::set_bandwidth_mbps},
}};

std::optional<std::uint32_t> number(std::string_view text) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// True when the key is one of the numbers and the value fits it.
bool set_number(std::string_view key, std::string_view text, Message& message) {
    for (const auto& field : number_fields) {
        if (field.key != key) continue;
        const auto value = number(text);
        if (!value) return false;
        (message.*field.set)(*value);
        return true;
    }
    return false;
}

}  // namespace

Result<core::StringMap> spec_of(const Message& message) {
    core::StringMap spec;
    for (const auto& field : number_fields) {
        const auto value = (message.*field.get)();
        if (value != 0) spec.emplace(field.key, std::to_string(value));
    }
    if (!message.region().empty()) spec.emplace("region", message.region());
    if (!message.os().empty()) spec.emplace("os", message.os());
    for (const auto& [key, value] : message.extra_specs()) {
        const auto [place, is_new] = spec.emplace(key, value);
        if (!is_new && place->second != value) {
            return invalid_field("server_spec.extra_specs",
                                 key + " contradicts the field of the same name");
        }
    }
    return spec;
}

void fill_server_spec(const core::StringMap& spec, Message& message) {
    for (const auto& [key, value] : spec) {
        if (key == "region") {
            message.set_region(value);
        } else if (key == "os") {
            message.set_os(value);
        } else if (!set_number(key, value, message)) {
            (*message.mutable_extra_specs())[key] = value;
        }
    }
}

}  // namespace rb::server
