// The table of all configuration keys: where each is kept, of what type it is, which values it may
// have. Reading, checking, "did you mean" and the test of config.example.toml all go by it.

#pragma once

#include "config/config.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rb::config {

using Slot = std::variant<std::string*, std::int64_t*, bool*, std::vector<std::string>*>;

struct Key {
    std::string_view section;
    std::string_view name;
    // Where the value stands in a Config.
    Slot (*slot)(Config&);
    // Bounds of integers, both allowed.
    std::int64_t min = 0;
    std::int64_t max = 0;
    // The words a string may be; empty for free text.
    std::span<const std::string_view> words = {};
    // Whether the manual has the key, or it is ours.
    enum class Origin { manual, ours } origin = Origin::manual;

    // "[server].port", the way every message names a key.
    [[nodiscard]] std::string display_name() const;
};

// All keys in the manual's order, ours after the manual's of their section.
std::span<const Key> all_keys();

// nullptr when there is no such key.
const Key* find_key(std::string_view section, std::string_view name);
bool is_section(std::string_view section);

// The known name a person most likely meant: of sections, or of the keys of `section`. Empty when
// nothing is near.
std::string nearest_section(std::string_view name);
std::string nearest_key(std::string_view section, std::string_view name);

}  // namespace rb::config
